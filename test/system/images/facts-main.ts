import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { run } from '#host/run.ts';
import { ImageLayout } from '#images/layout.ts';
import { walk } from '#images/tree.ts';
import { removeUnpackedImage, unpackImage } from '#images/unpack.ts';
import { HofjeError } from '#model/error.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import {
  ask,
  makeContainer,
  NODE_ADDRESS,
  prepareNamespaces,
  SITE_UID,
  type SiteContainer,
  untilReady,
} from './site-container.ts';

/**
 * What can be seen of the images when they are unpacked and one is run. Runs as the first process of mount, network and
 * process namespaces of its own, so that nothing of it stays, and prints the facts as one JSON document.
 */
export interface FactsInput {
  readonly folder: string;
  readonly layout: string;
  readonly images: Readonly<Record<string, ImageDigest>>;
}

const UID_BASE = 0x1000_0000;

async function facts(input: FactsInput) {
  const disk = join(input.folder, 'disk');
  await mountDisk(input.folder, disk);
  await prepareNamespaces();
  return { unpack: await unpackFacts(input, disk), site: await siteFacts(input, disk) };
}

async function mountDisk(folder: string, disk: string): Promise<void> {
  await mkdir(disk);
  await run(['fallocate', '-l', '2G', join(folder, 'disk.img')]);
  await run(['mkfs.btrfs', '--quiet', join(folder, 'disk.img')]);
  await run(['mount', '-o', 'loop', join(folder, 'disk.img'), disk]);
}

async function unpackFacts({ layout, images, folder }: FactsInput, disk: string) {
  const kinds: Record<string, unknown> = {};
  for (const [kind, digest] of Object.entries(images)) {
    const destination = join(disk, kind);
    const start = performance.now();
    const first = await unpackImage({ layout, digest, destination, uidBase: UID_BASE });
    const seconds = (performance.now() - start) / 1000;
    const second = await unpackImage({ layout, digest, destination, uidBase: UID_BASE });
    const readOnly = (await run(['btrfs', 'property', 'get', '-t', 'subvol', destination])).stdout.trim();
    kinds[kind] = { first, second, readOnly, seconds, ...(await treeFacts(destination)) };
  }
  return { kinds, names: await readdir(disk), crash: await crashFacts({ layout, images, folder }, disk) };
}

async function treeFacts(root: string) {
  let files = 0;
  const strange: string[] = [];
  for await (const { path, stats } of walk(root)) {
    files += 1;
    const inRange = (id: number) => id >= UID_BASE && id < UID_BASE + 1000;
    const plain = stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
    const setId = !stats.isSymbolicLink() && (stats.mode & 0o6000) !== 0;
    if (!inRange(stats.uid) || !inRange(stats.gid) || !plain || setId || path.includes('.wh.')) strange.push(path);
  }
  return { files, strange };
}

/** Killed in the middle, and a layer whose bytes are wrong: nothing stands under the final name. */
async function crashFacts({ layout, images, folder }: FactsInput, disk: string) {
  const digest = images['site-php8.2'];
  if (digest === undefined) throw new Error('no site image');
  const destination = join(disk, 'crashed');
  const options = { layout, digest, destination, uidBase: UID_BASE };
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'unpack', JSON.stringify(options)], {
    stdio: 'inherit',
  });
  while (!(await readdir(disk)).some((name) => name.startsWith('crashed.partial-'))) await delay(5);
  await delay(150);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const killed = (await readdir(disk)).filter((name) => name.startsWith('crashed'));
  await unpackImage(options);
  const repaired = (await readdir(disk)).filter((name) => name.startsWith('crashed'));
  await removeUnpackedImage(destination);

  const copy = new ImageLayout(join(folder, 'corrupt'));
  await copy.initialize();
  const original = new ImageLayout(layout);
  const manifest = await original.readManifest(digest);
  for (const blob of [digest, ...manifest.layers.map((layer) => layer.digest)]) {
    await copyFile(original.blobPath(blob), copy.blobPath(blob));
  }
  const last = manifest.layers.at(-1)?.digest;
  if (last === undefined) throw new Error('no layer');
  const bytes = await readFile(copy.blobPath(last));
  // In the middle of a file, where tar itself notices nothing.
  const at = bytes.indexOf('DocumentRoot');
  bytes.write('documentroot', at);
  await writeFile(copy.blobPath(last), bytes);
  const refused = await unpackImage({ ...options, layout: copy.folder }).catch((error: unknown) => error);
  // What no reader of archives could make sense of is not even looked at: it is said to be corrupt, not refused.
  bytes.fill(0xff, 0, 4096);
  await writeFile(copy.blobPath(last), bytes);
  const unread = await unpackImage({ ...options, layout: copy.folder }).catch((error: unknown) => error);
  return {
    killed,
    repaired,
    refused: [refused, unread].map((error) => (error instanceof HofjeError ? error.code : String(error))),
    left: (await readdir(disk)).filter((name) => name.startsWith('crashed')),
  };
}

async function siteFacts({ folder }: FactsInput, disk: string) {
  const bundle = join(folder, 'site');
  await mkdir(bundle);
  await chmod(folder, 0o755);
  const site = await makeContainer({ folder: bundle, root: join(disk, 'site-php8.2'), uidBase: UID_BASE });
  const starts: number[] = [];
  const stops: number[] = [];
  const cycle = async <T>(action: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    await site.start();
    starts.push(await untilReady(start));
    const result = await action();
    stops.push(await site.stop());
    return result;
  };
  const fresh = await cycle(async () => await freshFacts(site));
  const serving = await cycle(async () => await servingFacts(site));
  const mail = await cycle(async () => await mailFacts(site));
  await spoil(site);
  const spoiled = await cycle(async () => (await ask('/probe.php')).status);
  return { fresh, serving, mail, spoiled, starts, stops };
}

async function freshFacts(site: SiteContainer) {
  const owners = new Set<number>();
  for (const pid of await site.pids()) owners.add((await stat(`/proc/${pid}`)).uid);
  const ready = { 'x-hofje-ready': '1' };
  return {
    welcome: await ask('/'),
    owners: [...owners],
    readyForNode: await ask('/.hofje/ready', { headers: ready }),
    readyWithoutHeader: (await ask('/.hofje/ready')).status,
    readyForStranger: (await ask('/.hofje/ready', { from: 'stranger', headers: ready })).status,
    errorLog: await readFile(join(site.home, 'logs/error.log'), 'utf8'),
  };
}

const PROBE = `<?php
header('Content-Type: application/json');
$server = array_intersect_key($_SERVER, array_flip(['REMOTE_ADDR', 'HTTPS', 'SERVER_PORT', 'REQUEST_SCHEME', 'HTTP_AUTHORIZATION']));
$extensions = array_map('strtolower', get_loaded_extensions());
echo json_encode(['server' => $server, 'uid' => posix_getuid(), 'posted' => strlen(file_get_contents('php://input')),
  'missing' => array_values(array_diff(['mysqli', 'pdo_mysql', 'gd', 'curl', 'xml', 'dom', 'mbstring', 'zip', 'intl', 'exif', 'zend opcache'], $extensions)),
  'writable' => array_values(array_filter(['/', '/etc', '/usr/lib', '/home', '/var', '/home/site', '/tmp', '/run/site'], 'is_writable'))]);
`;

async function servingFacts(site: SiteContainer) {
  const files = join(site.home, 'public');
  await writeFile(join(files, 'probe.php'), PROBE);
  await writeFile(join(files, '.htaccess'), 'RewriteEngine On\nRewriteRule ^pretty/(\\d+)$ probe.php?n=$1 [L]\n');
  await mkdir(join(files, 'closed'));
  await writeFile(join(files, 'closed/.htaccess'), 'Require all denied\n');
  await mkdir(join(files, '.hofje'));
  await writeFile(join(files, '.hofje/ready'), 'mine');
  const edge = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', authorization: 'Bearer x' };
  return {
    edge: JSON.parse((await ask('/probe.php', { headers: edge })).body),
    stranger: JSON.parse((await ask('/probe.php', { from: 'stranger', headers: edge })).body),
    post: JSON.parse((await ask('/probe.php', { body: Buffer.alloc(20_000_000, 'x') })).body),
    pretty: (await ask('/pretty/7')).status,
    closed: (await ask('/closed/')).status,
    htaccess: (await ask('/.htaccess')).status,
    missing: (await ask('/nothing.php')).status,
    ownReady: (await ask('/.hofje/ready')).body,
    shell: await site.exec([
      'sh',
      '-c',
      'id -u; php -r "echo PHP_SAPI;"; for tool in unzip tar xz less sendmail; do command -v $tool || exit 9; done',
    ]),
  };
}

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/** PHP's mail() and `sendmail` speak to the socket in the bound folder. */
async function mailFacts(site: SiteContainer) {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        received.push({ from, to: rcptTo.map(({ address }) => address), text: Buffer.concat(parts).toString() });
        done();
      });
    },
  });
  let lookups = 0;
  const resolver = createSocket('udp4', () => (lookups += 1)).bind(53, NODE_ADDRESS);
  await once(resolver, 'listening');
  const socket = join(site.submission, 'submission.sock');
  const closed = await site.exec(['sendmail', 'a@example.org'], 'Subject: nobody listens\n\n');
  const listening = server.listen(socket);
  await once(listening, 'listening');
  await chmod(socket, 0o666);
  await writeFile(
    join(site.home, 'public/mail.php'),
    '<?php var_dump(mail("to@example.org", "Hello", "Text", "From: wordpress@example.test", "-fbounce@example.test"));',
  );
  const php = (await ask('/mail.php')).body.trim();
  const command = await site.exec(
    ['sendmail', '-i', 'b@example.org', 'c@example.org'],
    'Subject: Plain\n\nline\n.\nend\n',
  );
  server.close();
  resolver.close();
  await rm(socket, { force: true });
  return { closed: closed.code, php, command: command.code, received, lookups };
}

/** What a customer may do to the folders that the site's start needs. */
async function spoil(site: SiteContainer): Promise<void> {
  await rm(join(site.home, 'logs'), { recursive: true });
  await symlink('/nowhere/at/all', join(site.home, 'logs'));
  await rm(join(site.home, '.php'), { recursive: true });
  await writeFile(join(site.home, '.php'), 'not a folder');
}

const [command, argument = '{}'] = process.argv.slice(2);
if (command === 'unpack') await unpackImage(JSON.parse(argument) as Parameters<typeof unpackImage>[0]);
else process.stdout.write(JSON.stringify(await facts(JSON.parse(argument) as FactsInput)));

export type Facts = Awaited<ReturnType<typeof facts>>;
export { NODE_ADDRESS, SITE_UID };
