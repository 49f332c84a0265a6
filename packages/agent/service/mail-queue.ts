/** A message that waits, as `exim -bp` shows it. */
export interface QueuedMessage {
  readonly id: string;
  /** Empty for a bounce. */
  readonly sender: string;
  /** Those that are still to be delivered to. */
  readonly recipients: readonly string[];
  readonly sizeBytes: number;
  readonly ageSeconds: number;
  readonly frozen: boolean;
}

/** `25m  2.9K 0t5C6f-0000c8-00 <alice@wonderland.fict.example>` and perhaps `*** frozen ***`. */
const HEAD =
  /^\s*(\d+)([mhdw])\s+(\d+(?:\.\d+)?)([KM]?)\s+([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) <(.*?)>(?:\s.*)?$/;
const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2 };
const MESSAGES_MAX = 10_000;
const ADDRESS_MAX = 1000;

/** Reads what `exim -bp` prints: a line for each message, then one for each recipient (`D` in front: done), then none. */
export function parseQueue(text: string): readonly QueuedMessage[] {
  const messages: (QueuedMessage & { readonly recipients: string[] })[] = [];
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head !== null) {
      if (messages.length >= MESSAGES_MAX) break;
      const [, age = '0', unit = 'm', size = '0', factor = '', id = '', sender = ''] = head;
      messages.push({
        id,
        sender: sender.slice(0, ADDRESS_MAX),
        recipients: [],
        sizeBytes: Math.round(Number(size) * (BYTES[factor] ?? 1)),
        ageSeconds: Number(age) * (SECONDS[unit] ?? 1),
        frozen: line.includes('*** frozen ***'),
      });
    } else if (/^ {10}\S/.test(line)) {
      messages.at(-1)?.recipients.push(line.trim().slice(0, ADDRESS_MAX));
    }
  }
  return messages;
}
