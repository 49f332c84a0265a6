import type { ReactNode } from 'react';
import { Icon } from '../../parts/icons.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { probeTexts } from './probe-texts.ts';
import type { Finding, Wall as WallOf } from './summary.ts';
import { proofTexts } from './texts.ts';
import { useNow } from './useNow.ts';
import { declaredTexts, doorTexts, verdictTexts } from './wall-texts.ts';

const CLOCK_MS = 30_000;

const SIGNS = { closed: 'check', open: 'warning', declared: 'eye', 'not-tested': 'minus' } as const;

export interface WallProps {
  readonly wall: WallOf;
  /** Whether all that is known of it is shown from the beginning. */
  readonly isOpen: boolean;
}

/** One wall: what cannot be done, how that is known, and what would be seen if it were not so. */
export function Wall({ wall, isOpen }: WallProps) {
  const sayVerdict = useTexts(verdictTexts);
  const [first] = wall.findings;
  return (
    <li className="wall" data-verdict={wall.verdict}>
      <details open={isOpen || wall.verdict === 'open'}>
        <summary>
          <Sign verdict={wall.verdict} />
          <span className="wall-words">
            <span className="wall-promise">{usePromise(wall.probe)}</span>
            {wall.verdict === 'closed' ? null : <strong className="wall-verdict">{sayVerdict(wall.verdict)}</strong>}
            {first === undefined ? null : <FindingLine finding={first} />}
          </span>
          <Icon name="chevronDown" size={16} />
        </summary>
        <div className="wall-more">
          <Declared wall={wall} />
          {wall.findings.slice(1).map((finding) => (
            <FindingLine key={`${finding.source} ${finding.verdict}`} finding={finding} />
          ))}
          <WithoutWalls control={wall.control} />
        </div>
      </details>
    </li>
  );
}

function Sign({ verdict }: { readonly verdict: WallOf['verdict'] }) {
  const name = SIGNS[verdict];
  return <span className="wall-sign">{name === 'minus' ? '?' : <Icon name={name} size={18} />}</span>;
}

/** What the probe tries, in the reader's words; a probe that this panel does not know yet by its name. */
export function usePromise(probe: string): string {
  const say = useTexts(probeTexts);
  return isNamed(probe) ? say(probe) : probe;
}

export function isNamed(probe: string): probe is keyof typeof probeTexts.entries {
  return Object.hasOwn(probeTexts.entries, probe);
}

function FindingLine({ finding }: { readonly finding: Finding }) {
  const say = useTexts(proofTexts);
  const sayDoor = useTexts(doorTexts);
  const sayVerdict = useTexts(verdictTexts);
  const { ago, moment } = useFormats();
  const now = useNow(CLOCK_MS);
  const { source, doors, verdict, fact, at } = finding;
  return (
    <span className="wall-finding small">
      <span className="proof-source" data-source={source}>
        {say(source)}
      </span>
      {verdict === 'closed' ? null : <span>{sayVerdict(verdict)}</span>}
      {fact === null ? <span className="soft">{say('noFact')}</span> : <Quoted>{fact}</Quoted>}
      <span className="soft">
        <time dateTime={at} title={moment(at)}>
          {ago(at, now)}
        </time>
        , {say('through', { doors: doors.map((door) => sayDoor(door)).join(', ') })}
      </span>
    </span>
  );
}

/** Words of a program, as it said them. */
function Quoted({ children }: { readonly children: ReactNode }) {
  return (
    <code className="wall-fact" lang="en">
      {children}
    </code>
  );
}

function Declared({ wall }: { readonly wall: WallOf }) {
  const say = useTexts(proofTexts);
  const sayReason = useTexts(declaredTexts);
  const { probe, declared } = wall;
  if (declared === null) return null;
  const isKnown = Object.hasOwn(declaredTexts.entries, probe);
  const reason = isKnown ? sayReason(probe as keyof typeof declaredTexts.entries) : declared;
  return <p className="small">{say('byDecision', { reason })}</p>;
}

function WithoutWalls({ control }: { readonly control: WallOf['control'] }) {
  const say = useTexts(proofTexts);
  const { ago } = useFormats();
  const now = useNow(CLOCK_MS);
  if (control === null) return null;
  const words = { seen: 'withoutSeen', unseen: 'withoutUnseen', untested: 'withoutUntested' } as const;
  return (
    <span className="wall-finding small">
      <span className="proof-source" data-source="control">
        {say('without')}
      </span>
      <span>{say(words[control.saw])}</span>
      {control.fact === null ? null : <Quoted>{control.fact}</Quoted>}
      <span className="soft">
        <time dateTime={control.at}>{ago(control.at, now)}</time>
      </span>
    </span>
  );
}
