import { readFileSync } from 'node:fs';

/** A process as `/proc/PID/stat` shows it (proc_pid_stat(5)). */
export interface ProcessState {
  /** Clock ticks after boot; with the pid it names one process for ever. */
  readonly startTime: number;
  /** It has ended or is just ending. */
  readonly ending: boolean;
  /** Device number of its terminal; 0 when it has none. */
  readonly terminal: number;
}

/** The kernel's PF_EXITING. */
const EXITING = 0x4;

/** The state of a process; undefined when there is none of this number. */
export function readProcess(pid: number): ProcessState | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Exported for its test. The name in parentheses may hold anything, also parentheses and spaces. */
export function parseStat(text: string): ProcessState {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number) => Number(fields[index - 3] ?? '');
  const state = fields[0] ?? '';
  return {
    startTime: number(22),
    ending: state === 'Z' || state === 'X' || (number(9) & EXITING) !== 0,
    terminal: number(7),
  };
}
