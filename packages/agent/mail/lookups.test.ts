import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HofjeError } from '#model/error.ts';
import { type DomainId, type ForwarderId, type MailboxId, makeId, type Noun, type SiteId } from '#model/id.ts';
import type { ForwarderWish, SiteWish } from '#model/node/desired.ts';
import { PLANS } from '#model/plan/plan.ts';
import { accountLine, mailboxLine } from './accounts.ts';
import { type LookupFile, type MailInput, renderLookups, suspendedDomains } from './lookups.ts';

let count = 0;
function id<N extends Noun>(noun: N) {
  count += 1;
  return makeId(noun, Buffer.alloc(20, count));
}

const HASH = '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA';
const domain: DomainId = id('domain');
const mailbox: MailboxId = id('mailbox');
const site: SiteId = id('site');
const pipe: ForwarderId = id('forwarder');

function siteWish(suspended: boolean, ...names: string[]): SiteWish {
  const hosts = names.map((name) => ({ name, redirectToHttps: false, certificate: { chain: '', key: '' } }));
  return { id: site, image: 'sha256:', limits: PLANS[0].limits, suspended, primaryName: names[0] ?? '', hosts };
}

function input(
  forwarders: readonly ForwarderWish[] = [],
  sites: readonly SiteWish[] = [],
  name = 'one.example',
): MailInput {
  return {
    mail: {
      domains: [{ id: domain, name, limitBytes: 1 }],
      mailboxes: [{ id: mailbox, domain, localPart: 'info', passwordHash: HASH, quotaBytes: 1000 }],
      forwarders,
    },
    sites,
  };
}

const pipeAt = (localPart: string): ForwarderWish => ({
  id: pipe,
  domain,
  localPart,
  kind: 'pipe',
  site,
  command: '',
  argv: [],
});
const forwardAt = (localPart: string, ...to: string[]): ForwarderWish => ({
  id: pipe,
  domain,
  localPart,
  kind: 'addresses',
  to,
});

function text(files: Map<LookupFile, Buffer>, name: LookupFile): string {
  return files.get(name)?.toString('latin1') ?? '';
}
const render = (from: MailInput) => renderLookups(from, () => 'folder');

describe('look-up files', () => {
  it('say where an address leads', () => {
    const files = render(input([pipeAt('help'), forwardAt('team', 'info@one.example', 'a@b.example')]));
    expect(text(files, 'addresses.cdb')).toContain(`info@one.examplekey=info@one.example state=ok mailbox=${mailbox}`);
    expect(text(files, 'targets.cdb')).toContain(`help@one.example${pipe}@pipe.invalid`);
    expect(text(files, 'targets.cdb')).toContain('team@one.exampleinfo@one.example, a@b.example');
    expect(text(files, 'senders.cdb')).toContain(`${mailbox} info@one.exampleyes`);
    expect(text(files, 'senders.cdb')).toContain(`${mailbox} team@one.exampleyes`);
    expect(text(files, 'accounts')).toBe(`info@one.example:${HASH}::::::user=${mailbox}\n`);
    expect(text(files, 'mailboxes')).toBe(
      `${mailbox}:::::/srv/mail/folder/${mailbox}::userdb_quota_rule=*:bytes=1000\n`,
    );
  });

  it('join several forwarders, and a mailbox, of one address', () => {
    const files = render(input([forwardAt('info', 'a@b.example'), forwardAt('info', 'c@d.example'), pipeAt('info')]));
    expect(text(files, 'targets.cdb')).toContain(`info@one.examplea@b.example, c@d.example, ${pipe}@pipe.invalid`);
    expect(text(files, 'addresses.cdb')).toContain(`mailbox=${mailbox}`);
  });

  it('know a name in both forms', () => {
    const files = render(input([], [], 'xn--bcher-kva.example'));
    const unicode = Buffer.from('bücher.example').toString('latin1');
    expect(text(files, 'domains.cdb')).toContain(`${unicode}xn--bcher-kva.example`);
    expect(text(files, 'accounts').split('\n')).toHaveLength(3);
  });

  it('let the mail of a suspended site wait, and close its accounts', () => {
    expect(suspendedDomains({ sites: [siteWish(true, 'one.example', 'www.one.example')] })).toContain(
      'www.one.example',
    );
    const files = render(input([pipeAt('help')], [siteWish(true, 'one.example')]));
    expect(text(files, 'addresses.cdb').match(/state=suspended/g)).toHaveLength(2);
    expect(text(files, 'accounts')).toBe('');
    const pipeOnly = render(input([pipeAt('help')], [siteWish(true, 'elsewhere.example')]));
    expect(text(pipeOnly, 'addresses.cdb')).toContain('key=help@one.example state=suspended');
    expect(text(pipeOnly, 'addresses.cdb')).toContain('key=info@one.example state=ok');
  });

  it('give a catch-all that forwards to an account no right to send as anybody', () => {
    expect(text(render(input([forwardAt('*', 'info@one.example')])), 'senders.cdb')).not.toContain('*@');
  });

  it('refuse what no control plane sends', () => {
    for (const wrong of [
      input([forwardAt('a b', 'a@b.example')]),
      input([forwardAt('x', 'no address')]),
      input([forwardAt('x', 'a@b.example, |/bin/id')]),
      input([forwardAt('x', ':include:/etc/passwd')]),
      input([forwardAt('x', 'a"@b.example')]),
      input([{ ...pipeAt('x'), domain: id('domain') }]),
      input([], [], 'a:b'),
      input([], [], ''),
    ]) {
      expect(() => render(wrong)).toThrow(HofjeError);
    }
  });

  it('take any address that mail can be forwarded to, and put it into one item', () => {
    const local = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}$/);
    fc.assert(
      fc.property(local, (part) => {
        const targets = text(render(input([forwardAt('x', `${part}@b.example`)])), 'targets.cdb');
        expect(targets).toContain(/^[|/#]/.test(part) ? `"${part}"@b.example` : `${part}@b.example`);
      }),
    );
  });
});

describe('lines of accounts', () => {
  it('are one line of eight fields whatever is in them, or refused', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(':', '\n', '\r', '\0', ' ', 'a:b', '{X}'));
    fc.assert(
      fc.property(anything, anything, anything, fc.double(), (address, hash, folder, quotaBytes) => {
        for (const make of [
          () => accountLine(address, { id: mailbox, passwordHash: hash }),
          () => accountLine('a@b.example', { id: mailbox, passwordHash: `{ARGON2ID}${hash}` }),
          () => accountLine(address, { id: mailbox, passwordHash: HASH }),
          () => mailboxLine({ id: mailbox, quotaBytes }, folder),
          () => mailboxLine({ id: mailbox, quotaBytes }, 'folder'),
          () => mailboxLine({ id: hash as MailboxId, quotaBytes: 1 }, 'folder'),
        ]) {
          let line: string;
          try {
            line = make();
          } catch (error) {
            expect(error).toBeInstanceOf(HofjeError);
            continue;
          }
          expect(line).not.toMatch(/[\n\r\0]/);
          expect(line.split(':').length).toBeGreaterThanOrEqual(8);
          expect(line.split(':').slice(7).join(':')).toMatch(/^(user=mbx_|userdb_quota_rule=\*:bytes=\d+$)/);
        }
      }),
    );
  });
});
