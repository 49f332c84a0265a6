import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLANS } from '#model/plan/plan.ts';
import type { EdgeInstance, InstancePlan, MailInstance, SiteInstance } from './instance.ts';
import { siteLimits } from './limits.ts';
import type { OciMount } from './mounts.ts';
import { entryProcess, instanceSpec, MAIL_CAPABILITIES, mailCommandProcess, type OciDocument } from './spec.ts';

const NAMESPACES = ['cgroup', 'ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'];

const path = fc.stringMatching(/^\/[a-z0-9]{1,12}\/[a-z0-9]{1,12}$/);
const base = fc.record({
  id: fc.constant('ins_00000000000000000000' as const),
  name: fc.stringMatching(/^[a-z0-9]{20}$/),
  rootfs: path,
  cgroup: path,
  userNamespace: path,
  networkNamespace: path,
  hostname: fc.domain(),
  limits: fc
    .record({
      memoryBytes: fc.integer({ min: 1, max: 2 ** 40 }),
      processes: fc.integer({ min: 1, max: 30_000 }),
      entryReservePercent: fc.integer({ min: 0, max: 100 }),
    })
    .map((some) => siteLimits({ ...PLANS[0].limits, ...some })),
});
const site: fc.Arbitrary<SiteInstance> = fc
  .tuple(base, fc.record({ uid: fc.integer({ min: 0x1000_0000, max: 0x7fff_ffff }), home: path, submission: path }))
  .map(([common, own]) => ({ ...common, ...own, kind: 'site' }));
const edge: fc.Arbitrary<EdgeInstance> = fc
  .tuple(base, fc.record({ wake: path, spool: path, log: path }))
  .map(([common, folders]) => ({ ...common, kind: 'edge', folders }));
const mail: fc.Arbitrary<MailInstance> = fc
  .tuple(base, fc.record({ lmtp: path, lookup: path, spool: path, mail: path, log: path }))
  .map(([common, folders]) => ({ ...common, kind: 'mail', folders }));
const anyInstance: fc.Arbitrary<InstancePlan> = fc.oneof(site, edge, mail);

const specOf = (instance: InstancePlan): OciDocument =>
  instanceSpec({ instance, seccomp: new Uint8Array([1, 2, 3]), filesMax: 20_000, timeNamespace: '/time' });
const isWritable = ({ options }: OciMount) => !options.includes('ro');

describe('the document of every container', () => {
  test('has a namespace of its own of every kind, the pinned ones by path', () => {
    fc.assert(
      fc.property(anyInstance, (instance) => {
        const { namespaces } = specOf(instance).linux;
        expect(namespaces.map(({ type }) => type).sort()).toEqual(NAMESPACES);
        expect(namespaces.find(({ type }) => type === 'user')?.path).toBe(instance.userNamespace);
        expect(namespaces.find(({ type }) => type === 'network')?.path).toBe(instance.networkNamespace);
        expect(namespaces.find(({ type }) => type === 'time')?.path).toBe('/time');
      }),
    );
  });

  test('has a read-only root and no writable mount that takes setuid bits or devices', () => {
    fc.assert(
      fc.property(anyInstance, (instance) => {
        const { root, mounts } = specOf(instance);
        expect(root).toEqual({ path: instance.rootfs, readonly: true });
        for (const mount of mounts.filter(isWritable)) {
          expect(mount.options).toContain('nosuid');
          // A devpts is all devices: the terminals that the container makes.
          if (mount.type !== 'devpts') expect(mount.options).toContain('nodev');
          // The plain flags of a writable bind are lost by crun 1.8.1.
          if (mount.type === 'bind') expect(mount.options).toEqual(expect.arrayContaining(['rnosuid', 'rnodev']));
        }
      }),
    );
  });

  test('shows no /sys, no process of others, and bounds every file system in memory', () => {
    fc.assert(
      fc.property(anyInstance, (instance) => {
        const { mounts } = specOf(instance);
        expect(mounts.some(({ destination }) => destination.startsWith('/sys'))).toBe(false);
        const proc = mounts.filter(({ type }) => type === 'proc');
        expect(proc).toHaveLength(1);
        expect(proc[0]?.options).toEqual(expect.arrayContaining(['subset=pid', 'hidepid=invisible']));
        for (const { options } of mounts.filter(({ type }) => type === 'tmpfs')) {
          expect(options.some((option) => /^size=[1-9]\d*$/.test(option))).toBe(true);
          expect(options.some((option) => /^nr_inodes=[1-9]\d*$/.test(option))).toBe(true);
        }
        const pts = mounts.find(({ type }) => type === 'devpts');
        expect(pts?.options).toEqual(expect.arrayContaining(['newinstance', 'max=32']));
      }),
    );
  });

  test('gains no privileges, and holds none but those of the mail service', () => {
    fc.assert(
      fc.property(anyInstance, (instance) => {
        const { process } = specOf(instance);
        expect(process.noNewPrivileges).toBe(true);
        const held = instance.kind === 'mail' ? MAIL_CAPABILITIES : [];
        expect(process.capabilities).toEqual({
          bounding: held,
          effective: held,
          permitted: held,
          inheritable: [],
          ambient: [],
        });
        expect(process.user.uid === 0).toBe(instance.kind === 'mail');
        expect(process.user.additionalGids).toEqual([]);
      }),
    );
  });

  test('carries the filter, the control group and limits that the agent can give', () => {
    fc.assert(
      fc.property(anyInstance, (instance) => {
        const document = specOf(instance);
        expect(document.annotations).toEqual({ 'run.oci.seccomp_bpf_data': 'AQID' });
        expect(document.linux.cgroupsPath).toBe(instance.cgroup);
        expect(document.linux.rootfsPropagation).toBe('private');
        for (const { soft, hard } of document.process.rlimits) {
          expect(soft).toBeLessThanOrEqual(hard);
          expect(hard).toBeLessThanOrEqual(65_536);
        }
        const files = document.process.rlimits.find(({ type }) => type === 'RLIMIT_NOFILE');
        expect(files?.hard).toBeLessThanOrEqual(20_000);
      }),
    );
  });

  test('names of the machine are those of the binds only', () => {
    fc.assert(
      fc.property(site, (instance) => {
        const binds = specOf(instance).mounts.filter(({ type }) => type === 'bind');
        expect(binds.map(({ source }) => source)).toEqual([instance.home, instance.submission]);
      }),
    );
  });
});

describe("an entry's process", () => {
  test('is described in full, whatever the command', () => {
    const text = fc.string({ unit: 'grapheme' });
    const variables = fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), text);
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), variables, (argv, env) => {
        const process = entryProcess({ argv, env, filesMax: 20_000 });
        expect(process.args).toEqual(argv);
        expect(process.user).toEqual({ uid: 1000, gid: 1000, umask: 0o022, additionalGids: [] });
        expect(process.noNewPrivileges).toBe(true);
        expect(Object.values(process.capabilities).flat()).toEqual([]);
        expect(process.cwd).toBe('/home/site');
        for (const [name, value] of Object.entries(env)) expect(process.env).toContain(`${name}=${value}`);
      }),
    );
  });

  test('has exactly the documented environment', () => {
    expect(entryProcess({ argv: ['true'], env: {}, filesMax: 20_000 }).env).toEqual([
      'HOME=/home/site',
      'LANG=C.UTF-8',
      'LOGNAME=site',
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'SHELL=/bin/bash',
      'USER=site',
    ]);
  });

  test('has a terminal of the size asked for', () => {
    const { terminal, consoleSize, env } = entryProcess({
      argv: ['bash'],
      env: {},
      terminal: { columns: 91, rows: 33 },
      filesMax: 20_000,
    });
    expect({ terminal, consoleSize }).toEqual({ terminal: true, consoleSize: { width: 91, height: 33 } });
    expect(env).toContain('TERM=xterm-256color');
  });
});

test("the platform's programs in the mail container hold no capability", () => {
  const process = mailCommandProcess({ argv: ['exim', '-bp'], uid: 200, filesMax: 20_000 });
  expect(process.user.uid).toBe(200);
  expect(Object.values(process.capabilities).flat()).toEqual([]);
});

test.each([
  [{ memoryBytes: 96 * 1024 ** 2 }, 3],
  [{ memoryBytes: 256 * 1024 ** 2 }, 8],
  [{ memoryBytes: 4 * 1024 ** 3, processes: 1000 }, 64],
  [{ memoryBytes: 4 * 1024 ** 3, processes: 64 }, 24],
  [{ memoryBytes: 16 * 1024 ** 2, processes: 8 }, 2],
])('a site of %o runs so many PHP processes at once as its plan has room for: %i', (plan, children) => {
  const [some] = fc.sample(site, 1);
  if (some === undefined) throw new Error('no site');
  const limits = siteLimits({ ...PLANS[0].limits, entryReservePercent: 25, ...plan });
  expect(specOf({ ...some, limits }).process.env).toContain(`HOFJE_PHP_CHILDREN=${children}`);
});
