import { createRequire } from 'node:module';
import { ReadStream } from 'node:tty';
import type { ProcessState } from '../container/process-state.ts';

/** Both sides of a terminal of the host. The program never sees it: crun copies between it and one of the container's. */
export interface HostTerminal {
  readonly stream: ReadStream;
  /** Descriptor for crun's three streams; to be closed here once crun has it. */
  readonly slave: number;
}

/** The part of node-pty's native module that is used: its own `spawn` loses the last output of a slow reader. */
interface NativePty {
  open(columns: number, rows: number): { readonly master: number; readonly slave: number };
}

let loaded: NativePty | undefined;

function nativePty(): NativePty {
  const require = createRequire(import.meta.url);
  const { requireBinary } = require('@lydell/node-pty/requireBinary.js') as { requireBinary(file: string): NativePty };
  loaded ??= requireBinary('pty.node');
  return loaded;
}

export function openTerminal(columns: number, rows: number): HostTerminal {
  const { master, slave } = nativePty().open(columns, rows);
  // What is typed and not taken waits with whoever types (see `pipeEnd`).
  const options = { writable: true, writableHighWaterMark: 1 };
  return { stream: new ReadStream(master, options), slave };
}

/** Major number of the terminals that `/dev/pts` holds (the kernel's devices.txt: UNIX98 PTY slaves). */
const PTS_MAJORS = { from: 136, to: 143 } as const;

/** The name inside of a process's terminal, from what the kernel says; undefined when it is none of `/dev/pts`. */
export function terminalName(process: ProcessState): string | undefined {
  const major = (process.terminal >> 8) & 0xfff;
  const minor = (process.terminal & 0xff) | ((process.terminal >> 12) & 0xfff00);
  if (major < PTS_MAJORS.from || major > PTS_MAJORS.to) return undefined;
  return `/dev/pts/${(major - PTS_MAJORS.from) * 256 + minor}`;
}
