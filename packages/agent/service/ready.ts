import { connect } from 'node:net';
import { MAIL_SUBMISSION_PORT } from '#model/network/service.ts';
import type { EdgeClient } from '../edge/edge-client.ts';

const POLL_MS = 20;
/** Mail is ready when all of it answers: Exim for the world, Exim for sites, Dovecot. */
const MAIL_PORTS = [25, MAIL_SUBMISSION_PORT, 143] as const;

/** What is waited for, and for how long. */
export interface Waiting {
  readonly answers: () => Promise<boolean>;
  readonly isRunning: () => boolean;
  readonly now: () => number;
}

/** Asks until the service answers: true. False when it did not within the time, or has ended. */
export async function becomesReady({ answers, isRunning, now }: Waiting, withinMs: number): Promise<boolean> {
  const until = now() + withinMs;
  while (now() < until && isRunning()) {
    if (await answers()) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}

export async function mailAnswers(address: string): Promise<boolean> {
  const open = await Promise.all(MAIL_PORTS.map((port) => isListening(address, port)));
  return open.every(Boolean);
}

export async function edgeAnswers(edge: EdgeClient): Promise<boolean> {
  return await edge.generation().then(
    () => true,
    () => false,
  );
}

const CONNECT_MS = 1000;

/** Whether something accepts connections there. */
function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
