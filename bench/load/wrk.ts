import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

export interface HttpLoad {
  /** The beginning of a command that runs where the client is; nothing for this process's own network namespace. */
  readonly place?: readonly string[];
  readonly url: string;
  readonly host: string;
  readonly seconds: number;
}

export const CONNECTIONS = 20;
export const THREADS = 2;

/** Requests a second that are answered over kept connections. Throws `bench.load` when answers fail. */
export async function requestsPerSecond({ place = [], url, host, seconds }: HttpLoad): Promise<number> {
  const options = [`-c${CONNECTIONS}`, `-t${THREADS}`, `-d${seconds}s`, '-H', `Host: ${host}`];
  const [program = 'wrk', ...args] = [...place, 'wrk', ...options, '--', url];
  const { stdout } = await run([program, ...args], { timeoutMs: (seconds + 30) * 1000 });
  return readWrk(stdout);
}

/** The rate in wrk's report. Throws `bench.load` where it tells of failures. Pure. */
export function readWrk(report: string): number {
  const failure = /^\s*(Socket errors:.*|Non-2xx or 3xx responses:.*)$/m.exec(report)?.[1];
  const rate = Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(report)?.[1]);
  if (failure === undefined && rate > 0) return rate;
  throw new HofjeError('bench.load', `not every request was answered: ${failure ?? (report.trim() || 'no report')}`);
}
