import { type TProperties, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { HofjeError } from '#model/error.ts';
import { idPattern, type Noun } from '#model/id.ts';
import type { DesiredState, MailWish } from '#model/node/desired.ts';

const id = (noun: Noun) => Type.String({ pattern: idPattern(noun).source });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
// Unknown fields are a newer control plane's, not a mistake.
const object = (properties: TProperties) => Type.Object(properties);
const HOST = '^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$';
const hostName = Type.String({ pattern: HOST });
/** The left side of an address as it is stored: anything printable, checked in full where it was accepted. */
const localPart = Type.String({ minLength: 1, maxLength: 64 });
const text = (maxLength: number) => Type.String({ maxLength });
const image = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });

const limits = object({
  memoryBytes: count,
  cpuPercent: Type.Integer({ minimum: 1 }),
  processes: Type.Integer({ minimum: 1 }),
  entryReservePercent: Type.Integer({ minimum: 0, maximum: 90 }),
  diskBytes: count,
  ioPerSecond: count,
  entries: count,
  idleSeconds: count,
  mailPerHour: count,
  mailBytes: count,
});
const host = object({
  name: hostName,
  redirectToHttps: Type.Boolean(),
  certificate: object({ chain: text(64 * 1024), key: text(32 * 1024) }),
});
const site = object({
  id: id('site'),
  image,
  limits,
  suspended: Type.Boolean(),
  primaryName: hostName,
  hosts: Type.Array(host, { maxItems: 1000 }),
});
const forwarder = { id: id('forwarder'), domain: id('domain'), localPart };
const mail = object({
  domains: Type.Array(object({ id: id('domain'), name: hostName, limitBytes: count })),
  mailboxes: Type.Array(
    object({
      id: id('mailbox'),
      domain: id('domain'),
      localPart,
      passwordHash: Type.String({ maxLength: 500, pattern: '^[\\x20-\\x7e]*$' }),
      quotaBytes: count,
    }),
  ),
  forwarders: Type.Array(
    Type.Union([
      object({ ...forwarder, kind: Type.Literal('addresses'), to: Type.Array(text(320), { maxItems: 1000 }) }),
      object({
        ...forwarder,
        kind: Type.Literal('pipe'),
        site: id('site'),
        command: text(128 * 1024),
        argv: Type.Array(text(128 * 1024), { minItems: 1, maxItems: 64 * 1024 }),
      }),
    ]),
  ),
});
const DesiredText = object({
  installation: id('installation'),
  node: id('node'),
  revision: count,
  services: object({ edge: object({ image }), mail: object({ image }) }),
  sites: Type.Array(site),
  mail,
  tombstones: Type.Array(
    object({
      kind: Type.Enum(['site', 'domain']),
      id: Type.Union([id('site'), id('domain')]),
      deletedAt: count,
      purgeAfter: count,
    }),
  ),
});
const check = Compile(DesiredText);
const checkMail = Compile(mail);

/**
 * A desired state from what came over the network or lies on disk. Throws `desired.malformed`, naming the place but
 * never the value: it may be a key.
 */
export function parseDesired(value: unknown): DesiredState {
  if (!check.Check(value)) {
    const fault = check.Errors(value)[0];
    throw malformed(`${fault?.instancePath || 'the whole'} ${fault?.message ?? 'is wrong'}`);
  }
  const desired = value as unknown as DesiredState;
  const twice = firstDuplicate(desired);
  if (twice !== undefined) throw malformed(`${twice} is in it twice`);
  return desired;
}

/** Its part about mail alone. Throws `desired.malformed`. */
export function parseMailWish(value: unknown): MailWish {
  if (!checkMail.Check(value)) throw malformed('its part about mail is none');
  return value as unknown as MailWish;
}

function firstDuplicate(desired: DesiredState): string | undefined {
  const lists: readonly (readonly string[])[] = [
    desired.sites.map((one) => one.id),
    desired.sites.flatMap((one) => one.hosts.map((host) => host.name)),
    desired.mail.domains.map((one) => one.id),
    desired.mail.domains.map((one) => one.name),
    desired.mail.forwarders.map((one) => one.id),
    desired.tombstones.map((one) => one.id),
  ];
  for (const list of lists) {
    const seen = new Set<string>();
    for (const one of list) {
      if (seen.has(one)) return one;
      seen.add(one);
    }
  }
  return undefined;
}

function malformed(why: string): HofjeError {
  return new HofjeError('desired.malformed', `the desired state cannot be used: ${why}`);
}
