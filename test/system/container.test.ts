import { uptime } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Neighbours, until } from './container/neighbours.ts';

const MiB = 1024 * 1024;
const LIMITS = { memoryBytes: 192 * MiB, processes: 120, cpuPercent: 50, diskBytes: 256 * MiB };

let sites: Neighbours;

beforeAll(async () => {
  sites = await Neighbours.begin({ sites: 2, limits: LIMITS });
  await sites.call('start', 0);
  await sites.call('start', 1);
});

afterAll(async () => {
  expect(await sites.end()).toEqual([]);
});

async function firstProcess(site: number): Promise<number> {
  const pid = await sites.call('firstProcess', site);
  if (pid === undefined) throw new Error(`site ${site} does not run`);
  return pid;
}

describe('what a program in a site is', () => {
  test("the site's own user, with no privilege and no way to one", async () => {
    const status = await sites.say('cat /proc/self/status');
    for (const line of [
      'Uid:\t1000\t1000\t1000\t1000',
      'Gid:\t1000\t1000\t1000\t1000',
      'NoNewPrivs:\t1',
      'Seccomp:\t2',
    ]) {
      expect(status).toContain(line);
    }
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) expect(status).toContain(`Cap${set}:\t0000000000000000`);
    expect(await sites.say('id -G')).toBe('1000');
    expect(await sites.say('umask')).toBe('0022');
  });

  test('in groups of its own, in every hierarchy', async () => {
    const lines = (await sites.say('cat /proc/self/cgroup')).split('\n').filter((line) => !line.startsWith('0::'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/:\/entry\/ent_[0-9a-z]{20}$/);
  });

  test('with exactly the documented environment', async () => {
    const { stdout } = await sites.enter(['env'], { env: { SENDER: 'a@b', EMPTY: '', TEXT: '$(x) `y` "z"' } });
    expect(stdout.trim().split('\n').sort()).toEqual([
      'EMPTY=',
      'HOME=/home/site',
      'LANG=C.UTF-8',
      'LOGNAME=site',
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'SENDER=a@b',
      'SHELL=/bin/bash',
      'TEXT=$(x) `y` "z"',
      'USER=site',
    ]);
  });

  test('in its home, with the name of its site', async () => {
    expect(await sites.say('pwd; hostname; hostname', 1)).toBe('/home/site\nsite1.example\nsite1.example');
  });

  test('with pipes as streams, and nothing else open', async () => {
    const { stdout } = await sites.enter(['ls', '-l', '/proc/self/fd'], { stdin: 'x' });
    const targets = [...stdout.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd, target]) => `${fd} ${target}`);
    expect(targets).toHaveLength(4);
    for (const target of targets.slice(0, 3)) expect(target).toMatch(/^[012] pipe:\[\d+\]$/);
    expect(targets[3]).toMatch(/^3 \/proc\/\d+\/fd$/);
  });

  test('with limits that tell nothing of the machine', async () => {
    const limits = await sites.say('cat /proc/self/limits');
    expect(limits).toMatch(/^Max open files +1024 +8192 /m);
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    expect(limits).toMatch(/^Max processes +4096 +4096 /m);
    expect(limits).toMatch(/^Max pending signals +1024 +1024 /m);
  });
});

describe('what a site can see', () => {
  test('namespaces of its own, the user namespace too', async () => {
    const own = await sites.call('namespacesOf', process.pid);
    const first = await sites.call('namespacesOf', await firstProcess(0));
    const second = await sites.call('namespacesOf', await firstProcess(1));
    for (const kind of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']) {
      expect(new Set([own[kind], first[kind], second[kind]]).size).toBe(3);
    }
  });

  test('no time since the start of the machine', async () => {
    const ask = 'use Time::HiRes "clock_gettime"; print join " ", map { int clock_gettime $_ } 1, 7';
    const [monotonic = 0, boot = 0] = (await sites.perl(ask)).split(' ').map(Number);
    expect(Math.abs(monotonic - boot)).toBeLessThan(2);
    // A random while from a day to hundred, plus what this node runs.
    expect(boot).toBeGreaterThan(86_400);
    expect(Math.abs(boot - uptime())).toBeGreaterThan(60);
  });

  test('its own processes only', async () => {
    const pids = (await sites.say('ls /proc')).split('\n').filter((name) => /^\d+$/.test(name));
    expect(pids.length).toBeLessThan(20);
    expect(await sites.say('ls /proc | grep -vE "^[0-9]+$" | sort | tr "\\n" " "')).toBe('self thread-self');
  });

  test('a mount table without a path of the machine, its memory or its disk', async () => {
    const mounts = await sites.say('cat /proc/self/mountinfo');
    const root = /^\S+ \S+ \S+ (\S+) \/ (\S+)/m.exec(mounts);
    expect(root?.[2]).toMatch(/^ro,/);
    expect(mounts).not.toMatch(/\/sys|devtmpfs|\/var\/|test-house/);
    for (const size of mounts.matchAll(/size=(\d+)k/g))
      expect(Number(size[1])).toBeLessThanOrEqual(LIMITS.memoryBytes / 4096);
    for (const line of mounts.split('\n')) {
      const [, , , , at = '', flags = ''] = line.split(' ');
      if (!flags.split(',').includes('rw')) continue;
      expect(flags.split(','), at).toContain('nosuid');
      if (!/^\/dev\/./.test(at) || at === '/dev/shm') expect(flags.split(','), at).toContain('nodev');
    }
  });

  test('six devices, and terminals of its own', async () => {
    const devices = await sites.say(
      'for f in /dev/* /dev/pts/*; do test ! -L $f -a \\( -c $f -o -b $f \\) && echo $f; done; true',
    );
    expect(devices.split('\n')).toEqual(
      ['full', 'null', 'random', 'tty', 'urandom', 'zero', 'pts/ptmx'].map((name) => `/dev/${name}`),
    );
    expect(await sites.say('test -e /sys/kernel || echo none')).toBe('none');
  });

  test('no system that it could change', async () => {
    const outside = '/ /etc /usr /usr/local/bin /var /opt /dev /home /run/hofje /run/hofje/submission';
    expect(await sites.say(`for d in ${outside}; do test -w $d && echo $d; done; true`)).toBe('');
    expect(await sites.say('for d in /home/site /tmp /run /dev/shm; do touch $d/t && rm $d/t && echo $d; done')).toBe(
      '/home/site\n/tmp\n/run\n/dev/shm',
    );
  });
});

describe('what a site can do', () => {
  test('serve PHP by Apache, with the processes that its plan has room for', async () => {
    await sites.enter(['sh', '-c', 'cat > ~/public/a.php'], { stdin: '<?php echo getmyuid(), " ", php_sapi_name();' });
    const ask = ['curl', '--silent', '--noproxy', '*', 'http://127.0.0.1:8080/a.php'];
    await until(async () => (await sites.enter(ask)).stdout === '1000 fpm-fcgi');
    expect(await sites.say("tr '\\0' '\\n' < /proc/1/environ | grep PHP")).toBe('HOFJE_PHP_CHILDREN=6');
  });

  test('run PHP with threads of processes, locks, shared memory and sockets', async () => {
    const program = `$p = proc_open(['sh', '-c', 'echo child'], [1 => ['pipe', 'w']], $pipes);
      echo trim(stream_get_contents($pipes[1])), ' ';
      $s = stream_socket_server('tcp://127.0.0.1:0'); $c = stream_socket_client('tcp://' . stream_socket_get_name($s, false));
      fwrite($c, "hello\\n"); echo trim(fgets(stream_socket_accept($s))), ' ';
      $f = fopen('/home/site/lock', 'c'); echo flock($f, LOCK_EX) ? 'locked ' : 'no ';
      var_dump(disk_free_space('/'));`;
    expect(await sites.say(`php -d display_errors=0 -r '${program.replaceAll("'", `'"'"'`)}'; rm lock`)).toBe(
      'child hello locked bool(false)',
    );
  });
});

describe('what a site cannot do', () => {
  /** A system call by number on this processor; prints the error or `done`. */
  const call = (x64: number, arm64: number, ...args: (string | number)[]) =>
    sites.perl(
      `my $b = "\\0" x 4096; my $r = syscall(${[process.arch === 'arm64' ? arm64 : x64, ...args].join(',')});
       print $r < 0 ? "$!" : 'done'`,
    );
  const refused = 'Operation not permitted';
  const unknown = 'Function not implemented';

  test('make a namespace, by any of the calls', async () => {
    for (const flag of [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]) {
      expect(await call(272, 97, flag)).toBe(refused);
      expect(await call(56, 220, flag + 17, 0, 0, 0, 0)).toBe(refused);
    }
    expect(await call(435, 435, '$b', 88)).toBe(unknown);
  });

  test('ask for the size of the disk, memory or load of the machine', async () => {
    expect(await call(137, 43, 'my $p = "/home/site"', '$b')).toBe(unknown);
    expect(await call(99, 179, '$b')).toBe(unknown);
    const { outcome } = await sites.enter(['df', '/home/site']);
    expect(outcome).toEqual({ kind: 'exited', status: 1 });
  });

  test('leave its quota by a nested subvolume, though it can still copy and clone files', async () => {
    const made = await sites.perl(
      `opendir(my $d, '/home/site'); open(my $f, '<', '/home/site'); my $arg = pack('q a4088', 0, 'nested');
       print ioctl($f, 0x5000940e, $arg) ? 'made' : "$!"`,
    );
    expect(made).toBe(refused);
    expect(
      await sites.say('cd; head -c 100000 /dev/zero > a; cp --reflink=always a b && cmp a b && echo same; rm a b'),
    ).toBe('same');
  });

  test('fill more disk than its plan gives', async () => {
    const { outcome, stderr } = await sites.enter([
      'sh',
      '-c',
      'head -c 400M /dev/urandom > ~/big; s=$?; rm ~/big; exit $s',
    ]);
    expect(outcome).toEqual({ kind: 'exited', status: 1 });
    expect(stderr).toMatch(/quota|No space/i);
  });

  test('type into a terminal for somebody else, trace, or read keyrings', async () => {
    expect(await call(16, 29, 0, 0x5412, '$b')).toBe(refused);
    expect(await call(101, 117, 16, 1, 0, 0)).toBe(refused);
    expect(await call(250, 219, 0, -3, 0)).toBe(refused);
    expect(await call(41, 198, 17, 3, 0)).toBe('Address family not supported by protocol');
  });
});

describe('what a site may use', () => {
  test('is written into every group and counted there', async () => {
    expect(await sites.call('readGroupFile', 0, '', 'memory.limit_in_bytes')).toBe(`${LIMITS.memoryBytes}`);
    expect(await sites.call('readGroupFile', 0, 'web', 'memory.limit_in_bytes')).toBe(`${LIMITS.memoryBytes * 0.75}`);
    expect(await sites.call('readGroupFile', 0, 'entry', 'memory.limit_in_bytes')).toBe(`${LIMITS.memoryBytes * 0.75}`);
    expect(await sites.call('readGroupFile', 0, '', 'pids.max')).toBe('120');
    expect(await sites.call('readGroupFile', 0, 'web', 'pids.max')).toBe('90');
    expect(await sites.call('readGroupFile', 0, '', 'cpu.cfs_quota_us')).toBe('50000');
    const { memoryBytes, processes } = await sites.call('usage', 0, '');
    expect(memoryBytes).toBeGreaterThan(0);
    expect(processes).toBeGreaterThan(0);
  });

  test('memory: the entry that wants too much is ended, the website is not', async () => {
    const before = await sites.call('groupsOf', 0, 'web');
    const { outcome } = await sites.enter(['perl', '-e', 'my @a; push @a, "x" x 1048576 while 1']);
    expect(outcome).toEqual({ kind: 'signalled', signal: 9 });
    expect((await sites.call('groupsOf', 0, 'web')).pids).toEqual(expect.arrayContaining([await firstProcess(0)]));
    expect((await sites.call('usage', 0, 'web')).oomKills).toBe(0);
    expect((await sites.call('groupsOf', 0, 'web')).pids.length).toBeGreaterThanOrEqual(before.pids.length);
  });

  test('memory of the machine: entries go first', async () => {
    const [entry, web] = [
      await sites.say('cat /proc/self/oom_score_adj'),
      await sites.say('cat /proc/1/oom_score_adj'),
    ];
    expect(Number(entry)).toBe(800);
    expect(Number(web)).toBe(400);
  });

  test('processes: a fork bomb stays below the limit, and the neighbour enters as ever', async () => {
    const bomb = sites.enter(['perl', '-e', 'fork while 1'], { name: 'bomb' });
    await until(async () => (await sites.call('usage', 0, 'entry')).processes >= 90);
    expect((await sites.call('usage', 0, '')).processes).toBeLessThanOrEqual(120);
    expect(await sites.say('echo still', 1)).toBe('still');
    await sites.call('abort', 'bomb');
    expect((await bomb).outcome).toEqual({ kind: 'signalled', signal: 9 });
    expect((await sites.call('groupsOf', 0, 'entry')).pids).toEqual([]);
    expect(await sites.say('echo again')).toBe('again');
  });

  test('what the kernel counts per user is counted per site', async () => {
    // Watches until the kernel refuses more, and holds them while the neighbour counts its own.
    const use = `my $n = 0; $n++ while syscall(${process.arch === 'arm64' ? '26, 0' : '294, 0'}) >= 0;`;
    const before = await sites.perl(`${use} print $n`, 1);
    const hold = sites.enter(['perl', '-e', `$| = 1; ${use} print "$n\\n"; sleep 60`], { name: 'hold' });
    const taken = await until(async () => /^(\d+)\n/.exec((await sites.call('seen', 'hold')) ?? '')?.[1]);
    expect(Number(taken)).toBeGreaterThan(0);
    expect(await sites.perl(`${use} print $n`, 1)).toBe(before);
    expect(Number(before)).toBeGreaterThan(0);
    await sites.call('abort', 'hold');
    await hold;
  });

  test('terminals: no more than its own few', async () => {
    const opened = await sites.perl(`my @all; my $n = 0;
      while ($n < 100) { open(my $f, '+<', '/dev/ptmx') or last; push @all, $f; $n++ } print $n`);
    expect(Number(opened)).toBeLessThanOrEqual(32);
    expect(Number(opened)).toBeGreaterThan(20);
  });
});

describe('a container', () => {
  test('is found again by an agent that remembers nothing', async () => {
    expect(await sites.call('isFoundByAnother', 0)).toBe(true);
  });

  test('that runs is not started twice', async () => {
    const pid = await firstProcess(0);
    await sites.call('start', 0);
    expect(await firstProcess(0)).toBe(pid);
  });

  test('leaves no process behind when it is stopped, and starts again', async () => {
    const pids = (await sites.call('groupsOf', 1)).pids;
    expect(pids.length).toBeGreaterThan(0);
    await sites.call('stop', 1, 5000);
    expect(await sites.call('isRunning', 1)).toBe(false);
    expect((await sites.call('groupsOf', 1)).pids).toEqual([]);
    expect((await sites.enter(['true'], { site: 1 })).outcome).toMatchObject({
      kind: 'not-started',
      reason: 'site-cannot-start',
    });
    await sites.call('start', 1);
    expect(await sites.say('echo back', 1)).toBe('back');
  });

  test('whose first process was killed is cleared away by the next start', async () => {
    await sites.call('kill', await firstProcess(1), 'SIGKILL');
    await until(async () => !(await sites.call('isRunning', 1)));
    await sites.call('start', 1);
    expect(await sites.call('isRunning', 1)).toBe(true);
    expect(await sites.say('echo back', 1)).toBe('back');
  });
});
