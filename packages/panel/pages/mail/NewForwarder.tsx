import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Area } from '../../parts/Area.tsx';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Segments } from '../../parts/Segments.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { addressesIn, fullAddress } from './address.ts';
import { forwarderTexts } from './forwarder-texts.ts';
import { PipeFields } from './PipeFields.tsx';

type Domain = Answer<'GET /v1/domains/:domain'>;

interface NewForwarderProps {
  readonly domain: Domain;
  onClose(): void;
}

/** Lets mail for an address go on. */
export function NewForwarder({ domain, onClose }: NewForwarderProps) {
  const say = useTexts(forwarderTexts);
  const sayCommon = useTexts(common);
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'addresses' | 'pipe'>('addresses');
  const [to, setTo] = useState('');
  const [pipe, setPipe] = useState('');
  const [site, setSite] = useState('');
  const create = useAct('POST /v1/forwarders', ['/v1/forwarders']);
  const trouble = useTrouble(create.error);
  const address = fullAddress(name, domain.name);
  const targets = addressesIn(to);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const where = kind === 'addresses' ? { to: targets } : { pipe, ...(site === '' ? {} : { site }) };
    create.mutate(
      { body: { address, ...where }, query: { wait: true } },
      {
        onSuccess: (made) => {
          tell({ text: say('made', { address: made.address }) });
          onClose();
        },
      },
    );
  };
  const places = ['to', ...targets.map((_, index) => `to.${index}`)];
  const wrongTarget = places.map((place) => trouble.at(place)).find((text) => text !== undefined);
  const rest = trouble.besides('address', 'pipe', 'site', ...places);
  return (
    <Ask title={say('newForwarder')} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
          <Field
            label={say('localPart')}
            hint={say('localPartHint', { address: fullAddress(name || 'post', domain.displayName) })}
            error={trouble.at('address')}
            value={name}
            onChange={setName}
            autoFocus
            autoComplete="off"
            spellCheck="false"
            isRequired
          />
          <Segments
            label={say('kind')}
            value={kind}
            onChange={setKind}
            options={[
              { value: 'addresses', text: say('toAddresses') },
              { value: 'pipe', text: say('toProgram') },
            ]}
          />
          {kind === 'addresses' ? (
            <Area
              label={say('to')}
              hint={say('toHint')}
              error={wrongTarget}
              value={to}
              onChange={setTo}
              spellCheck="false"
            />
          ) : (
            <PipeFields
              account={domain.account}
              pipe={pipe}
              onPipe={setPipe}
              site={site}
              onSite={setSite}
              trouble={trouble}
            />
          )}
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button
              kind="main"
              type="submit"
              isPending={create.isPending}
              isDisabled={name.trim() === '' || (kind === 'addresses' ? targets.length === 0 : pipe.trim() === '')}
            >
              {say('create')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
