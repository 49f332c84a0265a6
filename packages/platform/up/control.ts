import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import { nodeLink, platformUid } from '#model/node/address.ts';
import { DATABASE, ensureCluster, ensureDatabase, postgresService } from '../postgres.ts';
import { prepareProgram, programFingerprint, shownProgram } from '../program.ts';
import type { StateFolders } from '../state/folders.ts';
import type { Installation } from '../state/installation.ts';
import { ensureSecret } from '../state/secrets.ts';
import type { Supervised } from '../supervise/script.ts';
import { supervise } from '../supervise/tree.ts';

const ENTRY = 'packages/control/main.ts';
const PASSWORD_FILE = 'database-password';

type Database =
  | { readonly url: string }
  | { readonly socketFolder: string; readonly user: string; readonly database: string; readonly passwordFile: string };

/**
 * Where the control plane keeps its state: the database that the operator named (remembered from the first time on), or
 * a private one that is made and started here.
 */
export async function ensureControlDatabase(
  folders: StateFolders,
  installation: Installation,
  named: string | undefined,
): Promise<Database> {
  const remembered = await readFile(folders.databaseUrl, 'utf8').catch(() => '');
  const url = named || remembered.trim();
  if (url !== '') {
    checkUrl(url);
    if (url !== remembered.trim()) await writeFileAtomically(folders.databaseUrl, `${url}\n`);
    return { url };
  }
  const postgres = await ensureCluster(folders);
  await supervise(folders, installation.slot, postgresService(folders, postgres));
  const password = await ensureDatabase(folders, postgres);
  const passwordFile = join(folders.control, PASSWORD_FILE);
  await ensureControlFolders(folders, installation.slot);
  await writeFileAtomically(passwordFile, password, { mode: 0o400, owner: controlUser(installation.slot) });
  return { socketFolder: folders.postgresSocket, user: DATABASE, database: DATABASE, passwordFile };
}

function checkUrl(url: string): void {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return;
  // The text may hold a password: it is not repeated.
  throw new HofjeError('platform.database-url', 'that is not the address of a PostgreSQL database', {
    field: 'HOFJE_DATABASE_URL',
    hint: 'Write it as postgresql://USER:PASSWORD@HOST/DATABASE.',
  });
}

/** Writes the control plane's configuration and has it kept running. `panel` is the folder of the built panel. */
export async function startControl(
  folders: StateFolders,
  installation: Installation,
  database: Database,
  panel: string,
): Promise<void> {
  await ensureControlFolders(folders, installation.slot);
  await prepareProgram(folders);
  const token = await ensureSecret(folders.operatorToken);
  const metricsToken = await ensureSecret(folders.metricsToken);
  const config = controlConfiguration(folders, installation, database, token, metricsToken);
  await writeFileAtomically(folders.controlConfig, `${JSON.stringify(config, null, 2)}\n`, {
    mode: 0o400,
    owner: controlUser(installation.slot),
  });
  await supervise(
    folders,
    installation.slot,
    controlService(folders, installation.slot, panel, await programFingerprint()),
  );
}

/** Pure. */
export function controlConfiguration(
  folders: StateFolders,
  installation: Installation,
  database: Database,
  operatorToken: string,
  metricsToken: string,
) {
  const { host } = nodeLink(installation.slot);
  const port = installation.ports.api;
  return {
    installation: installation.id,
    database,
    operatorTokenHash: createHash('sha256').update(operatorToken).digest('hex'),
    metricsTokenHash: createHash('sha256').update(metricsToken).digest('hex'),
    listen: [
      { host: '127.0.0.1', port },
      { host, port },
    ],
    pkiFolder: folders.pki,
    publicUrls: {
      client: `https://127.0.0.1:${port}`,
      node: `https://${host}:${port}`,
      panel: `https://localhost:${port}`,
    },
    certificateNames: ['localhost'],
    panelFolder: folders.panel,
  };
}

function controlService(folders: StateFolders, slot: number, panel: string, version: string): Supervised {
  const { argv, shown } = shownProgram(folders, ENTRY);
  return {
    name: 'control',
    argv: [...argv, '--config', folders.controlConfig],
    environment: {},
    user: controlUser(slot),
    shown: [...shown, { folder: panel, at: folders.panel }],
    version: `${version} panel ${basename(panel)}`,
    stopSignal: 'SIGTERM',
    stopMs: 10_000,
  };
}

function controlUser(slot: number) {
  const uid = platformUid(slot, 'control');
  return { uid, gid: uid };
}

async function ensureControlFolders(folders: StateFolders, slot: number): Promise<void> {
  const { uid, gid } = controlUser(slot);
  await mkdir(folders.control, { recursive: true });
  await chmod(folders.control, 0o711);
  if (!existsSync(folders.pki)) await mkdir(folders.pki, { mode: 0o700 });
  await chown(folders.pki, uid, gid);
}
