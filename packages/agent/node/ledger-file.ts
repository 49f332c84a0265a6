import { readFile } from 'node:fs/promises';
import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import { idPattern, type Noun } from '#model/id.ts';
import type { Ledger } from './ledger.ts';

const id = (noun: Noun) => Type.String({ pattern: idPattern(noun).source });
const count = Type.Integer({ minimum: 0 });
const opaque = Type.String({ pattern: '^[0-9a-z]{20}$' });
const strict = (properties: Record<string, TSchema>) => Type.Object(properties, { additionalProperties: false });

const instance = {
  id: id('instance'),
  name: opaque,
  image: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  address: Type.String({ format: 'ipv4' }),
  phase: Type.Enum(['next', 'current', 'draining']),
  since: count,
};
const LedgerText = strict({
  version: Type.Literal(1),
  installation: id('installation'),
  node: Type.Union([id('node'), Type.Null()]),
  secret: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  given: strict({ siteUids: count, siteAddresses: count, serviceAddresses: count }),
  revision: count,
  sites: Type.Record(
    id('site'),
    strict({ id: id('site'), uid: count, folder: opaque, createdAt: count, instances: Type.Array(strict(instance)) }),
  ),
  services: Type.Array(strict({ kind: Type.Enum(['edge', 'mail']), ...instance })),
  domains: Type.Record(id('domain'), strict({ folder: opaque })),
  purged: Type.Record(Type.String(), count),
});
const check = Compile(LedgerText);

/** Undefined when there is none yet. Throws `node.ledger-broken`: a ledger is never begun anew over existing sites. */
export async function readLedger(path: string): Promise<Ledger | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseLedger(text);
}

/** Throws `node.ledger-broken`. Pure. */
export function parseLedger(text: string): Ledger {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken('it is not JSON', error);
  }
  if (!check.Check(value)) {
    const fault = check.Errors(value)[0];
    throw broken(`${fault?.instancePath || 'it'} ${fault?.message ?? 'is wrong'}`);
  }
  const ledger = value as unknown as Ledger;
  const fault = contradiction(ledger);
  if (fault !== undefined) throw broken(fault);
  return ledger;
}

export async function writeLedger(path: string, ledger: Ledger): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(ledger)}\n`);
}

/** What no sequence of changes can lead to, in words. */
function contradiction(ledger: Ledger): string | undefined {
  const seen = new Set<string | number>();
  for (const [key, site] of Object.entries(ledger.sites)) {
    if (site.id !== key) return `${key} is filed under another name`;
    const current = site.instances.filter((one) => one.phase === 'current').length;
    const next = site.instances.filter((one) => one.phase === 'next').length;
    if (current !== 1 || next > 1) return `${key} has ${current} current and ${next} next instances`;
    const own = [site.uid, site.folder, ...site.instances.flatMap((one) => [one.id, one.name, one.address])];
    for (const one of own) {
      if (seen.has(one)) return `${one} is given twice`;
      seen.add(one);
    }
  }
  return undefined;
}

function broken(why: string, cause?: unknown): HofjeError {
  return new HofjeError('node.ledger-broken', `the node's ledger cannot be read: ${why}`, {
    hint: 'It says which uid and folder belongs to whom: restore ledger.json from a backup. Everything runs on meanwhile.',
    cause,
  });
}
