import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Button, IconButton } from '../../parts/Button.tsx';
import { Switch } from '../../parts/Choices.tsx';
import { Field } from '../../parts/Field.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { siteTexts } from './texts.ts';

type Site = Answer<'GET /v1/sites/:site'>;
type Host = Site['hosts'][number];

const REFRESH = ['/v1/sites', '/v1/domains'];

/** The names that a site answers to; more of them, fewer of them. */
export function Names({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const sayProblem = useTexts(problems);
  // Here and not in the row, which goes with its name: who acts must outlive what he does.
  const remove = useAct('DELETE /v1/sites/:site/aliases/:name', REFRESH);
  const add = useAct('POST /v1/sites/:site/aliases', REFRESH);
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  const takeAway = (name: string) => {
    const undo = () => add.mutate({ params: { site: site.id }, body: { name } }, { onError });
    const onSuccess = () => tell({ text: say('nameRemoved', { name }), undo });
    remove.mutate({ params: { site: site.id, name } }, { onError, onSuccess });
  };
  return (
    <Section title={say('names')} lead={say('namesLead')}>
      <ul className="names">
        {site.hosts.map((host) => (
          <HostRow key={host.name} host={host} onRemove={() => takeAway(host.name)} isWaiting={remove.isPending} />
        ))}
      </ul>
      <Redirect site={site} />
      <AddName site={site} />
    </Section>
  );
}

/** Whether who comes by http is led on to https. Shown as chosen while it is being done; back where it could not be. */
function Redirect({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const sayProblem = useTexts(problems);
  const change = useAct('PATCH /v1/sites/:site', REFRESH);
  const wanted = change.isPending ? change.variables.body.redirectToHttps : site.redirectToHttps;
  const turn = (redirectToHttps: boolean) =>
    change.mutate(
      { params: { site: site.id }, body: { redirectToHttps, version: site.version } },
      { onError: (error) => tell({ text: problemText(sayProblem, error) }) },
    );
  return (
    <Switch isSelected={wanted ?? false} onChange={turn}>
      {say('redirect')}
    </Switch>
  );
}

interface HostRowProps {
  readonly host: Host;
  readonly onRemove: () => void;
  readonly isWaiting: boolean;
}

function HostRow({ host, onRemove, isWaiting }: HostRowProps) {
  const say = useTexts(siteTexts);
  const { date } = useFormats();
  const until = { date: date(host.certificateUntil) };
  return (
    <li className="name">
      <div className="name-words">
        <span className="name-itself">{host.name}</span>
        <span className="small soft">
          {say(host.role)} · {host.served ? null : <strong className="name-unserved">{say('notServed')} · </strong>}
          {say('certificate')}{' '}
          {host.certificate === 'customer' ? say('certificateCustomer', until) : say('certificateOwn', until)}
        </span>
      </div>
      {host.role === 'alias' ? (
        <IconButton
          icon="trash"
          label={say('removeName', { name: host.name })}
          onPress={onRemove}
          isDisabled={isWaiting}
        />
      ) : null}
    </li>
  );
}

function AddName({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const [name, setName] = useState('');
  const add = useAct('POST /v1/sites/:site/aliases', REFRESH);
  const trouble = useTrouble(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { params: { site: site.id }, body: { name } },
      {
        onSuccess: () => {
          tell({ text: say('nameAdded', { name }) });
          setName('');
        },
      },
    );
  };
  return (
    <form className="add-name" onSubmit={submit}>
      <Field
        label={say('addName')}
        hint={say('addNameHint', { name: site.name })}
        error={trouble.at('name') ?? trouble.besides('name')}
        value={name}
        onChange={setName}
        autoComplete="off"
        inputMode="url"
        spellCheck="false"
      />
      <Button type="submit" isPending={add.isPending} isDisabled={name.trim() === ''}>
        {say('addName')}
      </Button>
    </form>
  );
}
