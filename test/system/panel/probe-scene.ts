import type { AgentMessage, ControlMessage } from '#contract/agent/messages.ts';
import type { NodeProbeReport, ProbeRow } from '#contract/api/probe.ts';
import { storeProbes } from '#control/probe/store.ts';
import type { TestControl } from '#control/testing/harness.ts';
import { testDigest } from '#control/testing/world.ts';
import { DOOR_NAMES } from '#model/door/door.ts';
import { PROBE_IDS, PROBES, type ProbeId } from '#model/probe/catalogue.ts';

/** What probes found before the pages are looked at: walls that hold around all houses but one, and a decoy with a hole. */

const FACTS: Readonly<Partial<Record<ProbeId, string>>> = {
  'process.decoy': '4 processes visible, none of a decoy',
  'process.other-users': 'only processes of user 231004112',
  'process.signal': 'kill: No such process',
  'file.decoy-home': '/home/site/wq8f2c1m: No such file or directory',
  'file.root-write': 'the root cannot be written: Read-only file system',
  'kernel.uid-map': '0 231004112 1',
  'kernel.mount-names':
    'mount table: 812 790 0:44 /sites/7g2kq /home/site rw,nosuid,nodev - btrfs /dev/disk rw,subvolid=371',
  'network.decoy-listener': '10.64.113.9:40417: Connection refused',
  'network.decoy-web': '10.64.113.9:8080: Connection refused',
  'privilege.capabilities': 'CapInh=0000000000000000 CapPrm=0000000000000000 CapEff=0000000000000000',
  'privilege.seccomp': 'Seccomp=2',
};

const CARELESS: Readonly<Partial<Record<ProbeId, string>>> = {
  'call.mount': 'mount succeeded',
  'file.shadow': '/etc/shadow can be read',
  'kernel.meminfo': '/proc/meminfo can be read',
};

export async function tellOfProbes(control: TestControl): Promise<void> {
  const { context } = control.control;
  const node = await context.db.selectFrom('node').select('id').where('name', '=', 'node1').executeTakeFirstOrThrow();
  const sites = await context.db.selectFrom('site').select(['id', 'name']).orderBy('name').execute();
  const decoys = (['web', ...DOOR_NAMES] as const).map((door) => look('site_decoy', door, { decoy: true }));
  const rows = sites
    .filter(({ name }) => name !== 'nieuw-idee.nl')
    .flatMap(({ id, name }) => DOOR_NAMES.map((door) => look(id, door, troubleOf(name, door))));
  await storeProbes(context, node.id, report([...decoys, ...rows]));
}

/** A node's answers to whoever looks again: every wall holds. */
export function answerProbes(message: ControlMessage, answer: (message: AgentMessage) => void): void {
  if (message.kind !== 'ask' || message.question.ask !== 'probe-run') return;
  const { site, door = 'exec', among } = message.question;
  const decoys = among?.decoys === true ? [look('site_decoy', 'web', { decoy: true })] : [];
  const rows = site === undefined ? decoys : [look(site, door, {})];
  answer({ kind: 'answer', id: message.id, ok: true, value: report(rows) });
}

/** One of the houses says that something is open; another has no process left for being looked from. */
function troubleOf(name: string, door: string): Partial<ProbeRow> {
  if (name === 'koor-zonder-naam.nl' && door === 'exec') return { results: resultsOf('call.mount') };
  if (name === 'fietsen-van-vliet.nl' && door === 'upload')
    return { results: [], failure: 'the door did not open: too many entries' };
  return {};
}

function look(site: string, door: ProbeRow['door'], changes: Partial<ProbeRow>): ProbeRow {
  return {
    ...{ site, door, decoy: false, instance: 'ins_00000000000000000000', image: testDigest('site-php8.2') },
    results: resultsOf(undefined),
    ...changes,
  };
}

function resultsOf(open: ProbeId | undefined): ProbeRow['results'] {
  return PROBE_IDS.map((probe) => {
    const isDeclared = 'declared' in PROBES[probe];
    if (probe === open) return { probe, verdict: 'open', fact: 'mount succeeded' };
    return { probe, verdict: isDeclared ? 'declared' : 'closed', fact: FACTS[probe] ?? 'Operation not permitted' };
  });
}

function report(rows: ProbeRow[]): NodeProbeReport {
  const sightings = PROBE_IDS.map((probe) => ({
    probe,
    saw: probe === 'call.io-uring' ? ('unseen' as const) : ('seen' as const),
    fact: CARELESS[probe] ?? 'something of the machine',
  }));
  const found = sightings.filter(({ saw }) => saw === 'seen').length;
  return { rows, absentBaits: [], careless: { found, looked: sightings.length, missed: ['call.io-uring'], sightings } };
}
