import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/routes.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { auditTexts, throughTexts } from './texts.ts';

type Entry = Answer<'GET /v1/audit'>['items'][number];

/** Who did it, and by what way. */
export function Who({ record }: { readonly record: Entry }) {
  const say = useTexts(auditTexts);
  const sayThrough = useTexts(throughTexts);
  const { who, name, through, from, support, operator } = record;
  const nameless = who === 'machine' || who === 'system' || who === 'anyone' ? say(who) : <code>{who}</code>;
  return (
    <div className="audit-cell">
      <span>{name ?? nameless}</span>
      <span className="small soft">
        {sayThrough(through)}
        {from === null ? null : ` ${say('from', { address: from })}`}
        {support === null ? null : `, ${say('asSupport')}`}
        {support === null && operator && name !== null ? `, ${say('asOperator')}` : null}
      </span>
    </div>
  );
}

/** What was done to what, and what it changed. */
export function Deed({ record }: { readonly record: Entry }) {
  const say = useTexts(auditTexts);
  const { action, before, after } = record;
  return (
    <div className="audit-cell">
      <code>{action}</code>
      <span className="small">
        <Thing record={record} />
      </span>
      {before === null && after === null ? null : (
        <details className="audit-change small">
          <summary>{say('details')}</summary>
          {before === null ? null : <Side title={say('before')} value={before} />}
          {after === null ? null : <Side title={say('after')} value={after} />}
        </details>
      )}
    </div>
  );
}

/** A thing that has a page leads there. */
function Thing({ record: { kind, object } }: { readonly record: Entry }) {
  if (kind === 'site') {
    return (
      <Link to="/sites/$site" params={{ site: object }}>
        {object}
      </Link>
    );
  }
  if (kind === 'account') {
    return (
      <Link to="/accounts/$account" params={{ account: object }}>
        {object}
      </Link>
    );
  }
  if (kind === 'node') {
    return (
      <Link to="/nodes/$node" params={{ node: object }}>
        {object}
      </Link>
    );
  }
  return <code>{object}</code>;
}

function Side({ title, value }: { readonly title: string; readonly value: object }) {
  return (
    <div>
      <strong>{title}</strong>
      <pre className="audit-value">{JSON.stringify(value, null, 1)}</pre>
    </div>
  );
}
