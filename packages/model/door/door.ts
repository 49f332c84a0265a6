/**
 * A door is a reason to start a customer's code. Every door leads through `enter` into the site's own container; this
 * table is the whole list, and adding a row is how a new door begins.
 */
export interface DoorRule {
  /** Seconds after which the entry is ended. */
  readonly timeLimitSeconds: number;
  /** Whether a sleeping site is woken for it. */
  readonly wakes: boolean;
}

export const DOORS = {
  'mail-pipe': { timeLimitSeconds: 240, wakes: true },
  exec: { timeLimitSeconds: 3600, wakes: true },
  upload: { timeLimitSeconds: 900, wakes: true },
} as const satisfies Record<string, DoorRule>;

/** The doors that `enter` opens. `web` is no entry: it is the container's own init. */
export type Door = keyof typeof DOORS;
export const DOOR_NAMES = Object.keys(DOORS) as readonly Door[];
