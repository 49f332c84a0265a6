/** What a site may use. A plan is data: the control plane stores it and hands it to the node with each site. */
export interface PlanLimits {
  /** Memory of the whole site (web and entries), bytes. */
  readonly memoryBytes: number;
  /** Processor time, in hundredths of one core: 100 is one core. */
  readonly cpuPercent: number;
  /** Processes and threads of the whole site. */
  readonly processes: number;
  /** The share of `memoryBytes` and `processes` that web alone may not take, so that mail and shell still enter; per cent. */
  readonly entryReservePercent: number;
  /** Disk of the site's subvolume, bytes (quota group limit on referenced data). */
  readonly diskBytes: number;
  /** Reads and writes a second on the storage device; applied where the kernel can. */
  readonly ioPerSecond: number;
  /** Entries (mail pipe, exec, ...) that may run at the same time. */
  readonly entries: number;
  /** Seconds without a request or an entry after which the site sleeps; 0: never. */
  readonly idleSeconds: number;
  /** Messages that the site may send in an hour through its own socket. */
  readonly mailPerHour: number;
  /** Disk of the mail of one domain of the site, bytes. */
  readonly mailBytes: number;
}

export interface Plan {
  readonly name: string;
  readonly limits: PlanLimits;
}

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** The plans of a new installation. */
export const PLANS = [
  {
    name: 'small',
    limits: {
      memoryBytes: 256 * MiB,
      cpuPercent: 50,
      processes: 128,
      entryReservePercent: 25,
      diskBytes: GiB,
      ioPerSecond: 500,
      entries: 8,
      idleSeconds: 300,
      mailPerHour: 200,
      mailBytes: GiB,
    },
  },
  {
    name: 'standard',
    limits: {
      memoryBytes: 512 * MiB,
      cpuPercent: 100,
      processes: 256,
      entryReservePercent: 25,
      diskBytes: 5 * GiB,
      ioPerSecond: 1000,
      entries: 16,
      idleSeconds: 900,
      mailPerHour: 500,
      mailBytes: 5 * GiB,
    },
  },
] as const satisfies readonly Plan[];
