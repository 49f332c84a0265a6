import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

/** The two ends of a pipe, as descriptors of this process (closed on exec). */
export interface PipeEnds {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/**
 * Makes pipes, asked by lines: `open N` is answered with 2N descriptor numbers, `close FD...` with nothing. perl-base is
 * part of every Debian system.
 */
const MAKER = `
use strict; $| = 1; my %ends;
while (my $line = <STDIN>) {
  my ($ask, @numbers) = split ' ', $line;
  if ($ask eq 'close') { delete @ends{@numbers}; next; }
  my @made;
  for (1 .. $numbers[0]) {
    pipe(my $reader, my $writer) or exit 1;
    $ends{fileno $_} = $_, push @made, fileno $_ for $reader, $writer;
  }
  print "@made\\n";
}`;

/**
 * Anonymous pipes for the programs of customers. What Node calls a pipe is a socket, and a program that opens
 * `/dev/stdin`, `/dev/stdout` or `/dev/stderr` by name then fails (ENXIO): `echo ... > /dev/stderr` is in many mail
 * scripts. Node cannot make a real pipe, so one small process of the host does and this one reopens its ends.
 */
export class PipeMaker {
  #maker: { readonly child: ChildProcess; readonly lines: Interface } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** Makes pipes that belong to this user and group, so that the program may open them by name. */
  async make(count: number, owner: number): Promise<readonly PipeEnds[]> {
    const made = this.#turn.then(() => this.#ask(count, owner));
    this.#turn = made.catch(() => undefined);
    return await made;
  }

  /** Ends the helper. A later `make` starts another. */
  close(): void {
    this.#maker?.child.stdin?.end();
    this.#maker?.lines.close();
    this.#maker = undefined;
  }

  async #ask(count: number, owner: number): Promise<readonly PipeEnds[]> {
    const { child, lines } = this.#maker ?? this.#start();
    const answer = await new Promise<string>((resolve, reject) => {
      const onLine = (line: string) => {
        lines.off('close', onClose);
        resolve(line);
      };
      const onClose = () => {
        lines.off('line', onLine);
        reject(new HofjeError('container.enter', 'The helper that makes pipes has ended.'));
      };
      lines.once('line', onLine);
      lines.once('close', onClose);
      child.stdin?.write(`open ${count}\n`);
    });
    const theirs = answer.split(' ');
    const made: PipeEnds[] = [];
    try {
      for (const pair of pairs(theirs)) made.push(reopen(`/proc/${child.pid}/fd`, pair, owner));
      return made;
    } catch (error) {
      for (const { readEnd, writeEnd } of made) for (const fd of [readEnd, writeEnd]) closeSync(fd);
      throw error;
    } finally {
      child.stdin?.write(`close ${theirs.join(' ')}\n`);
    }
  }

  #start() {
    const child = spawn('perl', ['-e', MAKER], { env: HOST_ENVIRONMENT, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
    const forget = () => {
      if (this.#maker?.child === child) this.#maker = undefined;
    };
    child.on('error', forget);
    child.on('exit', forget);
    child.stdin.on('error', forget);
    child.unref();
    const maker = { child, lines: createInterface({ input: child.stdout }) };
    this.#maker = maker;
    return maker;
  }
}

function reopen(folder: string, [readEnd, writeEnd]: readonly [string, string], owner: number): PipeEnds {
  const reader = openSync(`${folder}/${readEnd}`, 'r');
  try {
    fchownSync(reader, owner, owner);
    return { readEnd: reader, writeEnd: openSync(`${folder}/${writeEnd}`, 'w') };
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

function pairs(numbers: readonly string[]): readonly (readonly [string, string])[] {
  return numbers.flatMap((number, index) => {
    const next = numbers[index + 1];
    return index % 2 === 0 && next !== undefined ? [[number, next] as const] : [];
  });
}
