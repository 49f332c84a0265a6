import { useList } from '../../api/query.ts';
import type { Trouble } from '../../api/trouble.ts';
import { Area } from '../../parts/Area.tsx';
import { Select } from '../../parts/Choices.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { forwarderTexts } from './forwarder-texts.ts';
import { Split } from './Split.tsx';

interface PipeFieldsProps {
  readonly account: string;
  readonly pipe: string;
  onPipe(text: string): void;
  /** Empty for the site of the domain. */
  readonly site: string;
  onSite(site: string): void;
  /** It has a site already, which is among the choices. */
  readonly isPlaced?: boolean;
  readonly trouble: Trouble;
}

/** A command with the words that it falls into, and the site that it runs in. */
export function PipeFields({ account, pipe, onPipe, site, onSite, isPlaced = false, trouble }: PipeFieldsProps) {
  const say = useTexts(forwarderTexts);
  const sites = useList('GET /v1/sites', {});
  const own = (sites.items ?? []).filter((each) => each.account === account && each.state !== 'deleted');
  return (
    <>
      <Area
        label={say('pipe')}
        hint={say('pipeHint')}
        error={trouble.at('pipe')}
        value={pipe}
        onChange={onPipe}
        mono
        spellCheck="false"
      />
      <Split text={pipe} />
      <Select
        label={say('site')}
        error={trouble.at('site')}
        value={site}
        onChange={onSite}
        options={[
          ...(isPlaced ? [] : [{ value: '', text: say('siteOfDomain') }]),
          ...own.map(({ id, name }) => ({ value: id as string, text: name })),
        ]}
      />
    </>
  );
}
