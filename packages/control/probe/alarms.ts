import type { Alarm } from '#contract/agent/messages.ts';

/** What alarms are made of: the last look from one place of a node through one door. */
export interface LookedFrom {
  /** Null: a decoy of the platform. */
  readonly site: string | null;
  readonly door: string;
  readonly holes: readonly string[];
  readonly failure: string | null;
}

/** How sharp probes must be: below it, that they see nothing elsewhere proves too little. */
const SHARP_SHARE = 0.9;
/** More say no more. */
const ALARMS_MAX = 50;
const NAMED_MAX = 5;

/**
 * What an operator must know of the probes of a node. A customer's site that cannot be looked from is none: it may have left
 * no process for it. An alarm that stood before keeps its time. Pure.
 */
export function alarmsOf(
  looks: readonly LookedFrom[],
  control: { readonly found: number; readonly looked: number } | undefined,
  before: readonly Alarm[],
  now: number,
): Alarm[] {
  const complaints = [
    ...looks.filter(({ holes }) => holes.length > 0).map(holeOf),
    ...looks.filter(({ site, failure }) => site === null && failure !== null).map(blindDoorOf),
    ...bluntOf(control),
  ].slice(0, ALARMS_MAX);
  return complaints.map((complaint) => ({ ...complaint, since: sinceOf(complaint, before) ?? now }));
}

type Complaint = Omit<Alarm, 'since'>;

function holeOf({ site, door, holes }: LookedFrom): Complaint {
  const named = holes.slice(0, NAMED_MAX).join(', ');
  const more = holes.length > NAMED_MAX ? ` and ${holes.length - NAMED_MAX} more` : '';
  const where = site === null ? 'a decoy' : `${site}, by the word of its own container,`;
  return { code: 'probe.open', message: `From ${where} through ${door}: ${named}${more} is open.` };
}

function blindDoorOf({ door, failure }: LookedFrom): Complaint {
  return { code: 'probe.failed', message: `The decoy cannot look through ${door}: ${failure}` };
}

function bluntOf(control: { readonly found: number; readonly looked: number } | undefined): Complaint[] {
  if (control === undefined || (control.looked > 0 && control.found / control.looked >= SHARP_SHARE)) return [];
  const { found, looked } = control;
  return [{ code: 'probe.blind', message: `Without isolation the probes find only ${found} of ${looked}.` }];
}

/** The same holes in other words are the same alarm as long as they are of the same place and door. */
function sinceOf({ code, message }: Complaint, before: readonly Alarm[]): number | undefined {
  const place = placeOf(message);
  return before.find((alarm) => alarm.code === code && placeOf(alarm.message) === place)?.since;
}

function placeOf(message: string): string {
  const colon = message.indexOf(':');
  return colon < 0 ? '' : message.slice(0, colon);
}
