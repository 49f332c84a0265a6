import { expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import { PLANS } from '#model/plan/plan.ts';
import { parseControlMessage } from './control-message.ts';
import { parseDesired } from './desired-text.ts';

const id = (noun: 'site' | 'node' | 'installation' | 'domain' | 'forwarder', fill = 0) =>
  makeId(noun, new Uint8Array(20).fill(fill));
const IMAGE = `sha256:${'a'.repeat(64)}`;
const STATE = {
  installation: id('installation'),
  node: id('node'),
  revision: 3,
  services: { edge: { image: IMAGE }, mail: { image: IMAGE } },
  sites: [
    {
      id: id('site'),
      image: IMAGE,
      limits: PLANS[0].limits,
      suspended: false,
      primaryName: 'xn--bcher-kva.example',
      hosts: [{ name: 'xn--bcher-kva.example', redirectToHttps: true, certificate: { chain: 'c', key: 'k' } }],
    },
  ],
  mail: {
    domains: [{ id: id('domain'), name: 'example.org', limitBytes: 5 }],
    mailboxes: [],
    forwarders: [
      {
        id: id('forwarder'),
        domain: id('domain'),
        localPart: 'info',
        kind: 'pipe',
        site: id('site'),
        command: 'cat',
        argv: ['cat'],
      },
    ],
  },
  tombstones: [{ kind: 'site', id: id('site', 9), deletedAt: 1, purgeAfter: 2 }],
};

test('takes a desired state as it is, also with fields of a newer control plane', () => {
  expect(parseDesired(STATE)).toEqual(STATE);
  expect(parseDesired({ ...STATE, later: true }).revision).toBe(3);
});

test('refuses what is malformed, and names the place but never the value', () => {
  const [site] = STATE.sites;
  const broken = [
    { ...STATE, revision: -1 },
    { ...STATE, sites: [{ ...site, id: '../../etc' }] },
    { ...STATE, sites: [{ ...site, image: 'sha256:secretvalue' }] },
    { ...STATE, sites: [{ ...site, primaryName: 'Not A Name/..' }] },
    { ...STATE, sites: [site, site] },
    { ...STATE, tombstones: [{ kind: 'everything', id: id('site'), deletedAt: 1, purgeAfter: 2 }] },
    [],
    null,
  ];
  for (const value of broken) {
    expect(() => parseDesired(value)).toThrow(/cannot be used/);
    try {
      parseDesired(value);
    } catch (error) {
      expect(String(error)).not.toContain('secretvalue');
    }
  }
});

test('takes messages of the control plane, and no others', () => {
  const stream = {
    kind: 'stream',
    ticket: 'x'.repeat(30),
    url: 'wss://100.64.0.1:7443/stream/v1/x',
    site: id('site'),
    door: 'exec',
    argv: ['sh'],
    env: {},
    terminal: { columns: 80, rows: 24 },
  };
  expect(parseControlMessage(JSON.stringify(stream))).toEqual(stream);
  expect(parseControlMessage(JSON.stringify({ kind: 'changed', revision: 5 }))).toEqual({
    kind: 'changed',
    revision: 5,
  });
  const strange = [
    { ...stream, url: 'http://elsewhere' },
    { ...stream, door: 'window' },
    { ...stream, argv: [] },
    { kind: 'ask', id: 'q', question: { ask: 'queue-show', message: '../../etc/passwd' } },
    { kind: 'delete-everything' },
  ];
  for (const message of strange) expect(parseControlMessage(JSON.stringify(message))).toBeUndefined();
  expect(parseControlMessage('{')).toBeUndefined();
});

test('takes a question for probes of one door, the website itself among them', () => {
  const ask = (door: string) =>
    JSON.stringify({ kind: 'ask', id: 'q', question: { ask: 'probe-run', site: id('site'), door } });
  for (const door of ['web', 'exec', 'mail-pipe']) expect(parseControlMessage(ask(door))).toBeDefined();
  expect(parseControlMessage(ask('window'))).toBeUndefined();
});
