import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ControlMessage } from '#contract/agent/messages.ts';
import { DOOR_NAMES } from '#model/door/door.ts';
import { idPattern } from '#model/id.ts';

const site = Type.String({ pattern: idPattern('site').source });
const forwarder = Type.String({ pattern: idPattern('forwarder').source });
const door = Type.Enum([...DOOR_NAMES]);
/** Also the website itself, which is no entry. */
const probed = Type.Enum([...DOOR_NAMES, 'web']);
const size = Type.Integer({ minimum: 1, maximum: 10_000 });
/** Of Exim 4: three groups of base 62 with dashes between. */
const message = Type.String({ pattern: '^[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}$' });

/** An address that is nothing but one: neither a list nor a name with it, for it stands in an argument of Exim's. */
const address = Type.String({
  pattern: "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}$",
  maxLength: 320,
});

const Question = Type.Union([
  Type.Object({ ask: Type.Literal('queue-list') }),
  Type.Object({ ask: Type.Literal('queue-show'), message }),
  Type.Object({ ask: Type.Literal('queue-retry'), message: Type.Optional(message) }),
  Type.Object({ ask: Type.Literal('pipe-runs'), forwarder }),
  Type.Object({
    ask: Type.Literal('pipe-test'),
    forwarder,
    env: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 8192 })),
    message: Type.String({ maxLength: 512 * 1024 }),
  }),
  Type.Object({ ask: Type.Literal('site-wake'), site }),
  Type.Object({ ask: Type.Literal('site-stop'), site }),
  Type.Object({ ask: Type.Literal('site-logs'), site, lines: Type.Integer({ minimum: 1, maximum: 10_000 }) }),
  Type.Object({
    ask: Type.Literal('mail-send'),
    from: address,
    to: address,
    subject: Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f]+$', maxLength: 500 }),
    text: Type.String({ maxLength: 64 * 1024 }),
  }),
  Type.Object({
    ask: Type.Literal('probe-run'),
    site: Type.Optional(site),
    door: Type.Optional(probed),
    among: Type.Optional(Type.Object({ decoys: Type.Boolean(), sites: Type.Array(site, { maxItems: 1000 }) })),
  }),
]);
const Message = Type.Union([
  Type.Object({ kind: Type.Literal('changed'), revision: Type.Integer({ minimum: 0 }) }),
  Type.Object({
    kind: Type.Literal('stream'),
    ticket: Type.String({ minLength: 20, maxLength: 200 }),
    url: Type.String({ pattern: '^wss://', maxLength: 2000 }),
    site,
    door,
    argv: Type.Array(Type.String({ maxLength: 128 * 1024 }), { minItems: 1, maxItems: 64 * 1024 }),
    env: Type.Record(Type.String(), Type.String({ maxLength: 128 * 1024 })),
    terminal: Type.Optional(Type.Object({ columns: size, rows: size })),
  }),
  Type.Object({ kind: Type.Literal('ask'), id: Type.String({ minLength: 1, maxLength: 200 }), question: Question }),
]);
const check = Compile(Message);

/** A message of the control plane; undefined when it is none that this agent knows. */
export function parseControlMessage(text: string): ControlMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return check.Check(value) ? (value as ControlMessage) : undefined;
  } catch {
    return undefined;
  }
}
