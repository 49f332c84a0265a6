import type { IncomingMessage } from 'node:http';

/** The body of an answer as text, whole. Throws RangeError when it is longer, and what broke the connection. */
export async function readAnswer(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += (chunk as Buffer).length;
    // Leaving the loop ends the connection.
    if (length > bytesMax) throw new RangeError('the answer is too long');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
