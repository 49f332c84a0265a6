import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '#host/run.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { bind, type Ground } from './ground.ts';
import { Service } from './service.ts';

const EXIM_UID = 200;
const CONFIG = fileURLToPath(new URL('./config/exim.conf', import.meta.url));

/** Where it listens, and its log. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly log: string;
}

/** Exim of the mail image as a plain process, with a pipe of its own. */
export async function startMail(ground: Ground, mail: ImageDigest): Promise<MailServer> {
  const root = await ground.root('mail', mail, EXIM_UID);
  const log = await ground.folderOnDisk('mail-log', EXIM_UID);
  await bind(await ground.folderOnDisk('mail-spool', EXIM_UID), join(root, 'var/spool/exim4'));
  await bind(log, join(root, 'var/log/mail'));
  await bind(CONFIG, join(root, 'etc/exim4/exim4.conf'));
  await run(['sysctl', '--quiet', '--write', 'net.ipv4.ip_unprivileged_port_start=0']);
  await run([
    'install',
    '-d',
    '-o',
    `${EXIM_UID}`,
    '-g',
    `${EXIM_UID}`,
    '--',
    join(root, 'run/exim4'),
    join(log, 'exim'),
  ]);
  const server = { host: '127.0.0.1', port: 25, log: join(log, 'exim/mainlog') };
  const service = new Service({ root, uid: EXIM_UID, argv: ['/usr/sbin/exim4', '-bdf', '-q1m'] });
  await service.ready(async () => (await greets(server)) && (await readFile(server.log)).length > 0);
  return server;
}

async function greets({ host, port }: MailServer): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('data', () => socket.end('QUIT\r\n'));
    socket.resume().on('close', (failed) => resolve(!failed));
    socket.on('error', () => undefined);
  });
}
