import { useEffect, useState } from 'react';

/** A hand that types rests for longer than that when it has finished. */
const REST_MS = 150;

/** What was typed, once the typing rests: not every letter is a question to the API. */
export function useSettled(typed: string): string {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), REST_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
}
