import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble, BPF, lowHalfOffset, RETURN } from './bpf.ts';
import { type SeccompProfile, seccompFilter, seccompProgram } from './seccomp.ts';
import { CALL_RULES, ERRORS } from './seccomp-rules.ts';
import {
  AUDIT_ARCHITECTURE,
  CALLS,
  type Call,
  callNumber,
  LAST_KNOWN_CALL,
  type Processor,
} from './syscall-numbers.ts';

const PROCESSORS: readonly Processor[] = ['x64', 'arm64'];
const PROFILES: readonly SeccompProfile[] = ['site', 'service'];
const EPERM = RETURN.error | ERRORS.EPERM;
const ENOTTY = RETURN.error | ERRORS.ENOTTY;
const ENOSYS = RETURN.error | ERRORS.ENOSYS;
const ALLOW = RETURN.allow;

interface Ask {
  readonly processor: Processor;
  readonly profile: SeccompProfile;
  readonly number: number;
  readonly args?: readonly bigint[];
  readonly architecture?: number;
}

/** Runs the assembled bytes over one call as the kernel would, and returns its verdict. */
function verdict({ processor, profile, number, args = [], architecture = AUDIT_ARCHITECTURE[processor] }: Ask): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(architecture >>> 0, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(BigInt.asUintN(64, value), lowHalfOffset(index));
  const code = programs[processor][profile];
  let word = 0;
  for (let at = 0; at < code.length; at += 8) {
    const operand = code.readUInt32LE(at + 4);
    const skip = (holds: boolean) => code.readUInt8(at + (holds ? 2 : 3)) * 8;
    switch (code.readUInt16LE(at)) {
      case BPF.load:
        word = data.readUInt32LE(operand);
        break;
      case BPF.and:
        word = (word & operand) >>> 0;
        break;
      case BPF.jumpEqual:
        at += skip(word === operand);
        break;
      case BPF.jumpGreater:
        at += skip(word > operand);
        break;
      case BPF.return:
        return operand;
      default:
        throw new Error('not an instruction of ours');
    }
  }
  throw new Error('the program has no end');
}

const bytesOf = (profile: SeccompProfile, processor: Processor) =>
  Buffer.from(assemble(seccompProgram(profile, processor)));
const programs = {
  x64: { site: bytesOf('site', 'x64'), service: bytesOf('service', 'x64') },
  arm64: { site: bytesOf('site', 'arm64'), service: bytesOf('service', 'arm64') },
};

/** The verdict on both processors; they must agree. */
function ask(call: Call, args: readonly bigint[] = [], profile: SeccompProfile = 'site'): number {
  const verdicts = PROCESSORS.flatMap((processor) => {
    const number = callNumber(call, processor);
    return number === null ? [] : [verdict({ processor, profile, number, args })];
  });
  expect(new Set(verdicts).size).toBe(1);
  return verdicts[0] ?? Number.NaN;
}

describe('the filter of system calls', () => {
  test.each(CALL_RULES.flatMap(({ calls, answer }) => calls.map((call) => [call, answer] as const)))(
    'answers %s with %s',
    (call, answer) => {
      expect(ask(call)).toBe(answer === 'allow' ? ALLOW : RETURN.error | ERRORS[answer]);
    },
  );

  test('leaves to services what only hides the machine', () => {
    expect(ask('statfs', [], 'service')).toBe(ALLOW);
    expect(ask('chroot', [], 'service')).toBe(ALLOW);
    expect(ask('mount', [], 'service')).toBe(EPERM);
    expect(ask('ptrace', [], 'service')).toBe(EPERM);
  });

  test('refuses every new namespace, whatever else the flags say', () => {
    const namespaces = [0x2_0000n, 0x200_0000n, 0x400_0000n, 0x800_0000n, 0x1000_0000n, 0x2000_0000n, 0x4000_0000n];
    fc.assert(
      fc.property(fc.constantFrom(...namespaces), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (one, others) => {
        expect(ask('clone', [one | others])).toBe(EPERM);
        expect(ask('unshare', [one | others])).toBe(EPERM);
      }),
    );
    expect(ask('unshare', [0x80n])).toBe(EPERM);
  });

  test('lets processes and threads be started', () => {
    expect(ask('clone', [17n])).toBe(ALLOW);
    // What the C library uses for a thread, and for posix_spawn.
    expect(ask('clone', [0x3d_0f00n])).toBe(ALLOW);
    expect(ask('clone', [0x4111n])).toBe(ALLOW);
    expect(ask('unshare', [0x200n])).toBe(ALLOW);
  });

  test('refuses btrfs requests but copying, also with a dirty upper half', () => {
    const allowed = [0x4004_9409n, 0x4020_940dn, 0xc018_9436n];
    const upper = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
    for (const request of allowed) expect(ask('ioctl', [3n, request])).toBe(ALLOW);
    expect(ask('ioctl', [3n, 0x5000_940en])).toBe(EPERM);
    fc.assert(
      fc.property(
        upper,
        fc.bigInt({ min: 0n, max: 255n }),
        fc.bigInt({ min: 0n, max: 2n ** 16n - 1n }),
        (high, nr, top) => {
          const request = (top << 16n) | 0x9400n | nr;
          fc.pre(!allowed.includes(request));
          expect(ask('ioctl', [3n, (high << 32n) | request])).toBe(EPERM);
        },
      ),
    );
  });

  test('says nothing about where files lie on the shared disk', () => {
    expect(ask('ioctl', [3n, 0xc020_660bn])).toBe(ENOTTY);
    expect(ask('ioctl', [3n, 0xffff_ffff_c020_660bn])).toBe(ENOTTY);
    // The flags of a file (lsattr, chattr) are of the same type.
    expect(ask('ioctl', [3n, 0x8008_6601n])).toBe(ALLOW);
  });

  test('refuses typing into terminals, allows asking for their size', () => {
    expect(ask('ioctl', [0n, 0x5412n])).toBe(EPERM);
    expect(ask('ioctl', [0n, 0xffff_ffff_0000_5412n])).toBe(EPERM);
    expect(ask('ioctl', [0n, 0x541cn])).toBe(EPERM);
    expect(ask('ioctl', [0n, 0x5413n])).toBe(ALLOW);
    expect(ask('ioctl', [0n, 0x5401n])).toBe(ALLOW);
  });

  test('opens sockets of the ordinary families and protocols only', () => {
    expect(ask('socket', [1n, 1n, 0n])).toBe(ALLOW);
    expect(ask('socket', [2n, 1n, 6n])).toBe(ALLOW);
    expect(ask('socket', [10n, 2n, 17n])).toBe(ALLOW);
    expect(ask('socket', [16n, 3n, 0n])).toBe(ALLOW);
    const unsupported = RETURN.error | ERRORS.EAFNOSUPPORT;
    // netlink of the packet filter, packets, virtual machines, the kernel's ciphers, bluetooth
    for (const args of [
      [16n, 3n, 12n],
      [17n, 3n, 0n],
      [40n, 1n, 0n],
      [38n, 5n, 0n],
      [31n, 3n, 0n],
    ]) {
      expect(ask('socket', args)).toBe(unsupported);
    }
    expect(ask('socket', [2n, 1n, 132n])).toBe(RETURN.error | ERRORS.EPROTONOSUPPORT);
    expect(ask('socketpair', [1n, 1n, 0n])).toBe(ALLOW);
    expect(ask('socketpair', [2n, 1n, 0n])).toBe(unsupported);
  });

  test('keeps the personality', () => {
    expect(ask('personality', [0n])).toBe(ALLOW);
    expect(ask('personality', [0xffff_ffffn])).toBe(ALLOW);
    expect(ask('personality', [0x40_0000n])).toBe(EPERM);
  });

  test('ends a process that uses a foreign calling convention', () => {
    for (const processor of PROCESSORS) {
      for (const profile of PROFILES) {
        for (const architecture of [
          0x4000_0003,
          0x4000_0028,
          AUDIT_ARCHITECTURE[processor === 'x64' ? 'arm64' : 'x64'],
        ]) {
          expect(verdict({ processor, profile, number: 1, architecture })).toBe(RETURN.killProcess);
        }
      }
    }
  });

  test('knows no call beyond the last that was read, which includes those of x32', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROCESSORS),
        fc.constantFrom(...PROFILES),
        fc.integer({ min: LAST_KNOWN_CALL + 1, max: 0xffff_ffff }),
        (processor, profile, number) => {
          expect(verdict({ processor, profile, number })).toBe(ENOSYS);
        },
      ),
    );
    expect(verdict({ processor: 'x64', profile: 'site', number: 0x4000_0000 })).toBe(ENOSYS);
  });

  test('allows every call that no rule names, whatever its arguments', () => {
    const args = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.constantFrom(...PROCESSORS),
        fc.constantFrom(...PROFILES),
        fc.integer({ min: 0, max: LAST_KNOWN_CALL }),
        args,
        (processor, profile, number, values) => {
          const named = Object.values(CALLS).map((numbers) => numbers[processor === 'x64' ? 0 : 1]);
          fc.pre(!named.some((one) => one === number));
          expect(verdict({ processor, profile, number, args: values })).toBe(ALLOW);
        },
      ),
    );
  });

  test('is short enough for the kernel and the same each time', () => {
    expect(seccompFilter('site').length).toBe(programs[process.arch === 'arm64' ? 'arm64' : 'x64'].site.length);
    expect(seccompFilter('edge')).toBe(seccompFilter('mail'));
    expect(programs.x64.site.length / 8).toBeLessThan(400);
  });
});
