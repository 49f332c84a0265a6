/**
 * What gate and agent say to each other over the agent's socket. The agent is root and trusts none of it: ids are looked
 * up in its own state, texts are bounded, bytes of strangers pass as opaque frames.
 *
 * Every connection begins with one line of JSON, a `Request`. `wake` is answered with one line; `enter` goes on with
 * frames in both directions; `orders` stays open and carries lines from the agent.
 */
import { type Static, Type } from 'typebox';
import { idPattern } from '#model/id.ts';

const SiteIdText = Type.String({ pattern: idPattern('site').source });
const ForwarderIdText = Type.String({ pattern: idPattern('forwarder').source });
const Environment = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 8192 }));

export const WakeRequest = Type.Object({ ask: Type.Literal('wake'), site: SiteIdText });

/** A pipe is named by its forwarder: site and argv come from the agent's desired state, never from the gate. */
export const PipeRequest = Type.Object({
  ask: Type.Literal('enter'),
  door: Type.Literal('mail-pipe'),
  forwarder: ForwarderIdText,
  env: Environment,
});

/** A stream that the control plane ordered: the agent remembers what the ticket stands for. */
export const TicketRequest = Type.Object({
  ask: Type.Literal('enter'),
  door: Type.Literal('ticket'),
  ticket: Type.String({ minLength: 20, maxLength: 200 }),
});

export const OrdersRequest = Type.Object({ ask: Type.Literal('orders') });

export const GateRequest = Type.Union([WakeRequest, PipeRequest, TicketRequest, OrdersRequest]);
export type GateRequest = Static<typeof GateRequest>;

export type WakeAnswer =
  | { readonly awake: true }
  | { readonly awake: false; readonly reason: string; readonly retryAfterSeconds: number };

/** Lines from the agent on an `orders` connection. `sites` and `pipes` are the whole list each time. */
export type Order =
  | { readonly order: 'pipes'; readonly pipes: readonly Pipe[] }
  | { readonly order: 'sites'; readonly sites: readonly SubmissionSite[] }
  | { readonly order: 'dial'; readonly ticket: string; readonly url: string; readonly ca: string };

/** Whose program a forwarder runs: the gate counts by it and decides nothing else with it. */
export interface Pipe {
  readonly forwarder: string;
  readonly site: string;
}

/** A site whose programs may send mail: the gate keeps `folder/submission.sock` open for it. */
export interface SubmissionSite {
  readonly id: string;
  /** Folder on the node that is bound into the site's container; made by the agent, owned by the gate. */
  readonly folder: string;
  /** Sender when a program gives none or none of its own: `site@primaryName`. */
  readonly primaryName: string;
  /** Names that the site may use after the `@` of a sender. */
  readonly senderDomains: readonly string[];
  readonly mailPerHour: number;
}

/** Frame types. A frame is: type (1 byte), length of the payload (4 bytes, big endian), payload. */
export const FRAME = {
  stdin: 0,
  stdinEnd: 1,
  /** Payload: columns and rows, two unsigned 16-bit numbers. */
  resize: 2,
  /** The other side gave up: end the entry. */
  cancel: 3,
  stdout: 16,
  stderr: 17,
  /** Payload: an `Outcome` as JSON; the last frame. */
  outcome: 18,
  /** Payload: how many bytes of input were taken (unsigned 32 bits): so many more may be sent. See INPUT_WINDOW. */
  credit: 19,
} as const satisfies Record<string, number>;
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export const FRAME_PAYLOAD_MAX = 64 * 1024;
/**
 * Bytes of input that may be under way to a program, from whoever sends them to the agent: only so many are sent before
 * the first credit. Whoever keeps to it is read all the time, and so a cancel or the end of a connection is seen at once,
 * also while the program takes nothing. Whoever sends more is read no further until the program has taken some.
 */
export const INPUT_WINDOW = 256 * 1024;
export const REQUEST_LINE_MAX = 256 * 1024;
