import { Section } from '../../parts/Section.tsx';
import { SiteLink } from '../../parts/SiteLink.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { useNow } from '../proof/useNow.ts';
import { usePromise } from '../proof/Wall.tsx';
import { doorTexts } from '../proof/wall-texts.ts';
import type { Row } from './cells.ts';
import { useName } from './MatrixGrid.tsx';
import { matrixTexts } from './texts.ts';

const CLOCK_MS = 30_000;

/** Every hole in words, with what was seen through it; nothing where there is none. */
export function HoleList({ rows }: { readonly rows: readonly Row[] }) {
  const say = useTexts(matrixTexts);
  const holes = rows.flatMap((row) => row.open.map((hole) => ({ row, hole })));
  if (holes.length === 0) return null;
  return (
    <Section title={say('holeList')}>
      <ul className="holes">
        {holes.map(({ row, hole }) => (
          <Hole key={`${row.site?.id ?? row.node.id} ${row.door} ${hole.probe}`} row={row} hole={hole} />
        ))}
      </ul>
    </Section>
  );
}

function Hole({ row, hole }: { readonly row: Row; readonly hole: Row['open'][number] }) {
  const say = useTexts(matrixTexts);
  const sayDoor = useTexts(doorTexts);
  const { ago } = useFormats();
  const now = useNow(CLOCK_MS);
  const name = useName(row);
  return (
    <li>
      <strong>{usePromise(hole.probe)}</strong>
      <code lang="en">{hole.fact}</code>
      <span className="small soft">
        {row.site === null ? name : <SiteLink site={row.site} />}, {sayDoor(row.door)}
        {row.at === null ? '' : `, ${ago(row.at, now)}`}
        {row.kind === 'site' ? ` · ${say('ownWord')}` : ''}
      </span>
    </li>
  );
}
