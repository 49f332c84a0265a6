import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { Me } from '#contract/api/session.ts';
import { enter } from '../../api/session.ts';

/** Goes in as somebody: to where he was going, or to the courtyard. */
export function useEntering(to = '/'): (me: Me) => void {
  const client = useQueryClient();
  const router = useRouter();
  return (me) => {
    enter(client, me);
    router.history.replace(to);
  };
}
