import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HOST_ENVIRONMENT } from '#host/run.ts';

/**
 * Runs `action` while this process alone on the machine holds the lock of that name. The kernel holds it (flock), through
 * a helper that ends with us: no crash leaves a lock behind.
 */
export async function withLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', ['--exclusive', file, 'cat'], {
    env: HOST_ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(holder, 'close');
  holder.stdin.write('held');
  await Promise.race([once(holder.stdout, 'data'), ended.then(() => Promise.reject(new Error(`no lock on ${file}`)))]);
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
