import { type FormEvent, useState } from 'react';
import { Button } from '../../parts/Button.tsx';
import { Field } from '../../parts/Field.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import type { AuditSearch } from './routes.ts';
import { auditTexts } from './texts.ts';

export interface FiltersProps {
  readonly search: AuditSearch;
  onChange(next: AuditSearch): void;
}

const NAMES = ['account', 'person', 'object', 'action', 'since', 'until'] as const;

/** What is shown stands in the address, so that it can be sent to somebody. */
export function Filters({ search, onChange }: FiltersProps) {
  const say = useTexts(auditTexts);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({ ...search });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.entries(typed).filter(([, value]) => value.trim() !== '');
    onChange(Object.fromEntries(given.map(([name, value]) => [name, value.trim()])));
  };
  return (
    <details className="filters" open={Object.keys(search).length > 0}>
      <summary>{say('filter')}</summary>
      <form onSubmit={submit}>
        <div className="filters-fields">
          {NAMES.map((name) => (
            <Field
              key={name}
              label={say(name)}
              value={typed[name] ?? ''}
              onChange={(value) => setTyped({ ...typed, [name]: value })}
              type={name === 'since' || name === 'until' ? 'date' : 'text'}
              autoComplete="off"
              spellCheck="false"
              {...(name === 'action' && { placeholder: 'POST /v1/sites' })}
            />
          ))}
        </div>
        <div className="filters-acts">
          {Object.keys(search).length === 0 ? null : <Button onPress={() => onChange({})}>{say('all')}</Button>}
          <Button kind="main" type="submit">
            {say('show')}
          </Button>
        </div>
      </form>
    </details>
  );
}
