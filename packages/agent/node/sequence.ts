import { createHmac } from 'node:crypto';

const ROUNDS = 6;

/**
 * The n-th element of a secret random order of 0..size-1: a permutation, so that counting n up gives numbers that nobody
 * can guess and that never come twice, without remembering which were given.
 *
 * A balanced Feistel network whose rounds are HMAC-SHA-256, walked until the number falls inside (Black and Rogaway,
 * "Ciphers with arbitrary finite domains", 2002).
 */
export function scatter(key: Uint8Array, size: number, n: number): number {
  if (!Number.isInteger(size) || size < 1 || size > 2 ** 40) throw new RangeError(`no sequence of ${size} numbers`);
  if (!Number.isInteger(n) || n < 0 || n >= size) throw new RangeError(`${n} is not in 0..${size - 1}`);
  const half = Math.max(1, Math.ceil(Math.log2(size) / 2));
  let number = n;
  do number = feistel(key, half, number);
  while (number >= size);
  return number;
}

function feistel(key: Uint8Array, halfBits: number, number: number): number {
  const base = 2 ** halfBits;
  let left = Math.floor(number / base);
  let right = number % base;
  for (let round = 0; round < ROUNDS; round += 1) {
    const digest = createHmac('sha256', key).update(`${halfBits}:${round}:${right}`).digest();
    const mixed = (left + (digest.readUInt32BE(0) % base)) % base;
    left = right;
    right = mixed;
  }
  return left * base + right;
}
