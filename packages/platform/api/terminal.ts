import { spawn } from 'node:child_process';
import type { ReadStream } from 'node:tty';
import { HOST_ENVIRONMENT } from '#host/run.ts';

/**
 * Hands the terminal over to a program elsewhere: keys go as they are, output is shown as it comes. Gives back what
 * undoes it; the end of this process undoes it, too.
 */
export async function passTerminalThrough(terminal: ReadStream): Promise<() => void> {
  terminal.setRawMode(true);
  // Node.js leaves line ends to be translated; the program's own terminal has done that, and full-screen programs mean a
  // bare line feed when they write one.
  await new Promise<void>((resolve) => {
    const child = spawn('stty', ['-opost'], { env: HOST_ENVIRONMENT, stdio: ['inherit', 'ignore', 'ignore'] });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  return () => {
    terminal.setRawMode(false);
  };
}
