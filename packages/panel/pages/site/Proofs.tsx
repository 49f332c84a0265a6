import { useAct, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Button } from '../../parts/Button.tsx';
import { Copyable } from '../../parts/Copy.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { siteTexts } from './texts.ts';

type Site = Answer<'GET /v1/sites/:site'>;
type Domain = Answer<'GET /v1/domains/:domain'>;

/** Domains of a site that are still to be proven, each with the record to set. */
export function Proofs({ site }: { readonly site: Site }) {
  const waiting = site.hosts.filter(({ served }) => !served);
  const domains = useList('GET /v1/domains', { account: site.account });
  if (waiting.length === 0) return null;
  const open = (domains.items ?? []).filter(
    (domain) => domain.establishedBy === null && waiting.some(({ name }) => isWithin(name, domain.name)),
  );
  return open.map((domain) => <Proof key={domain.id} domain={domain} />);
}

/** Whether a name is a domain's own, or lies below it. Pure. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function Proof({ domain }: { readonly domain: Domain }) {
  const say = useTexts(siteTexts);
  const prove = useAct('POST /v1/domains/:domain/prove', ['/v1/domains', '/v1/sites']);
  const trouble = useTrouble(prove.error).besides();
  const look = () =>
    prove.mutate(
      { params: { domain: domain.id }, query: { wait: true } },
      { onSuccess: () => tell({ text: say('proven', { name: domain.displayName }) }) },
    );
  return (
    <Section title={say('proveTitle', { name: domain.displayName })} lead={say('proveText')}>
      <Facts>
        <Fact name={say('recordType')}>
          <code>TXT</code>
        </Fact>
        <Fact name={say('recordName')}>
          <Copyable text={domain.proof.name} what={say('recordName')} />
        </Fact>
        <Fact name={say('recordValue')}>
          <Copyable text={domain.proof.value} what={say('recordValue')} />
        </Fact>
      </Facts>
      {trouble === undefined ? null : <Notice kind="watch">{trouble}</Notice>}
      <div className="site-look">
        <Button kind="main" onPress={look} isPending={prove.isPending}>
          {say('look')}
        </Button>
        {prove.isPending ? (
          <span className="soft" role="status">
            {say('looking')}
          </span>
        ) : null}
      </div>
    </Section>
  );
}
