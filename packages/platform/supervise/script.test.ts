import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logScript, quoted, runScript, type Supervised, scannerScript } from './script.ts';
import { systemdUnit } from './unit.ts';

const SERVICE: Supervised = {
  name: 'control',
  argv: ['/opt/node', 'main.ts', '--config', '/srv/a file'],
  environment: {},
  user: { uid: 1234, gid: 1235 },
  stopSignal: 'SIGTERM',
  stopMs: 10_000,
};

describe('a run script', () => {
  test('starts from a clean environment, without rights, and its words are quoted', () => {
    const script = runScript(SERVICE);
    expect(script).toMatch(/^#!\/bin\/sh\n/);
    expect(script.trimEnd().split('\n').at(-1)).toBe(
      "exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 setpriv --reuid=1234 --regid=1235 --clear-groups --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all -- /opt/node main.ts --config '/srv/a file'",
    );
  });

  test('root keeps its rights only where no user is named', () => {
    const { user: _, ...root } = SERVICE;
    expect(runScript(root)).not.toContain('setpriv');
  });

  test('enters the network namespace before it gives its rights away', () => {
    const script = runScript({ ...SERVICE, networkNamespace: '/srv/pins/net' });
    expect(script.indexOf('nsenter --net=/srv/pins/net --')).toBeGreaterThan(0);
    expect(script.indexOf('nsenter')).toBeLessThan(script.indexOf('setpriv'));
  });

  test('shows folders read-only in a mount namespace of its own', () => {
    const script = runScript({ ...SERVICE, shown: [{ folder: '/root/hofje', at: '/srv/program/app' }] });
    expect(script).toContain('mount --options bind,ro -- /root/hofje /srv/program/app || exit 1\n');
    expect(script.indexOf('unshare --mount')).toBeLessThan(script.indexOf('mount --options'));
  });
});

test('the logger keeps a bounded number of files, as the user of the process', () => {
  const script = logScript('/srv/log/control', SERVICE.user);
  expect(script).toContain('--reuid=1234');
  expect(script).toContain('s6-log -b n4 s1000000 T /srv/log/control');
});

test('the scanner joins its control group before it starts anything', () => {
  const script = scannerScript(['/sys/fs/cgroup/systemd/hofje-1/platform'], '/srv/supervise');
  const [join, start] = [script.indexOf('cgroup.procs'), script.indexOf('exec s6-svscan')];
  expect(join).toBeGreaterThan(0);
  expect(join).toBeLessThan(start);
});

test('a quoted word is exactly that text to the shell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      fc.pre(!text.includes('\0'));
      const said = execFileSync('/bin/sh', ['-c', `printf %s. ${quoted(text)}`], { encoding: 'utf8' });
      expect(said).toBe(`${Buffer.from(text).toString()}.`);
    }),
    { numRuns: 100 },
  );
  expect(() => quoted('a\0b')).toThrow(RangeError);
});

test('the systemd unit starts and stops one installation', () => {
  const unit = systemdUnit({ program: '/opt/hofje/hofje', state: '/var/lib/hofje', cache: '/var/cache/hofje' });
  expect(unit).toContain('ExecStart=/opt/hofje/hofje up\n');
  expect(unit).toContain('ExecStop=/opt/hofje/hofje down\n');
  expect(unit).toContain('Environment=HOFJE_STATE=/var/lib/hofje HOFJE_CACHE=/var/cache/hofje\n');
});
