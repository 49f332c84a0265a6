import { type FocusEvent, type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { useNow } from '../proof/useNow.ts';
import { usePromise } from '../proof/Wall.tsx';
import { doorTexts, themeTexts, verdictTexts } from '../proof/wall-texts.ts';
import {
  type Column,
  columnsOf,
  moved,
  type Place,
  placesOf,
  type Row,
  spansOf,
  type Verdict,
  verdictsOf,
} from './cells.ts';
import { matrixTexts } from './texts.ts';
import type { Matrix } from './useMatrix.ts';

/** What stands in a cell beside its colour. */
export const SIGNS: Readonly<Record<Verdict, string>> = { closed: '', open: '×', declared: '•', 'not-tested': '?' };
/** So many columns have room for their heads. */
const HEADED_MAX = 6;
const CLOCK_MS = 30_000;

export interface MatrixGridProps {
  readonly matrix: Matrix;
  readonly holes: boolean;
}

/** The picture: a row for each door of each place, a column for each probe. One cell is in the order of Tab; arrows go on from it. */
export function MatrixGrid({ matrix, holes }: MatrixGridProps) {
  const say = useTexts(matrixTexts);
  const sayTheme = useTexts(themeTexts);
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => showFirstHole(table.current), []);
  const columns = useMemo(() => columnsOf(matrix.probes, matrix.items, holes), [matrix, holes]);
  const places = useMemo(() => placesOf(matrix.items), [matrix]);
  const rows = useMemo(() => places.flatMap((place) => place.rows), [places]);
  const [chosen, setChosen] = useState<Place>({ row: 0, column: 0 });
  const at: Place = { row: Math.min(chosen.row, rows.length - 1), column: Math.min(chosen.column, columns.length - 1) };
  const [row, column] = [rows[at.row], columns[at.column]];

  const go = (event: KeyboardEvent) => {
    const next = moved(at, event.key, rows.length, columns.length);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
    table.current?.querySelector<HTMLElement>(`[data-at="${next.row} ${next.column}"]`)?.focus();
  };
  const take = (event: FocusEvent | React.MouseEvent) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-at]');
    const [nextRow, nextColumn] = (cell?.dataset['at'] ?? '').split(' ').map(Number);
    if (nextRow !== undefined && nextColumn !== undefined) setChosen({ row: nextRow, column: nextColumn });
  };
  let number = 0;
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: no field of a form stands in it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reached by keyboard. */}
      <div className="matrix-room" role="group" aria-label={say('picture')} tabIndex={0}>
        <table
          ref={table}
          className="matrix"
          data-headed={columns.length <= HEADED_MAX}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that arrows go through is a grid (APG).
          role="grid"
          aria-label={say('picture')}
          onKeyDown={go}
          onFocus={take}
          onClick={take}
        >
          <thead>
            <tr>
              <th scope="col" rowSpan={2} className="matrix-place">
                {say('place')}
              </th>
              <th scope="col" rowSpan={2} className="matrix-door">
                {say('door')}
              </th>
              {spansOf(columns).map(({ theme, count }) => (
                <th key={theme} scope="colgroup" colSpan={count} className="matrix-theme">
                  <span>{sayTheme(theme)}</span>
                </th>
              ))}
            </tr>
            <tr>
              {columns.map((each, index) => (
                <Head key={each.probe} column={each} isFirst={each.theme !== columns[index - 1]?.theme} />
              ))}
            </tr>
          </thead>
          {places.map(({ key, rows: own }) => (
            <tbody key={key}>
              {own.map((each, index) => {
                const here = number++;
                return (
                  <DoorRow
                    key={each.door}
                    row={each}
                    number={here}
                    span={index === 0 ? own.length : 0}
                    columns={columns}
                    chosen={at.row === here ? at.column : -1}
                  />
                );
              })}
            </tbody>
          ))}
        </table>
      </div>
      {row === undefined || column === undefined ? null : <CellWords row={row} column={column} />}
    </>
  );
}

/** Where there is no room for all, the first hole is in view. */
function showFirstHole(table: HTMLTableElement | null): void {
  const room = table?.parentElement;
  const hole = table?.querySelector<HTMLElement>('[data-verdict="open"]');
  if (room && hole) room.scrollLeft = Math.max(0, hole.offsetLeft + hole.offsetWidth - room.clientWidth * 0.75);
}

function Head({ column, isFirst }: { readonly column: Column; readonly isFirst: boolean }) {
  const promise = usePromise(column.probe);
  return (
    <th scope="col" className="matrix-probe" title={promise} data-first={isFirst}>
      <span>{promise}</span>
    </th>
  );
}

interface DoorRowProps {
  readonly row: Row;
  readonly number: number;
  /** How many rows its place has, in the first of them; 0 in the others. */
  readonly span: number;
  readonly columns: readonly Column[];
  /** The column that is in the order of Tab; -1 when it is of another row. */
  readonly chosen: number;
}

const DoorRow = memo(function DoorRow({ row, number, span, columns, chosen }: DoorRowProps) {
  const sayDoor = useTexts(doorTexts);
  const sayVerdict = useTexts(verdictTexts);
  const name = useName(row);
  const verdicts = verdictsOf(row, columns);
  return (
    <tr>
      {span === 0 ? null : (
        <th scope="rowgroup" rowSpan={span} className="matrix-place" data-kind={row.kind}>
          {name}
        </th>
      )}
      <th scope="row" className="matrix-door" data-failed={row.failure !== null}>
        {sayDoor(row.door)}
      </th>
      {verdicts.map((verdict, index) => {
        const probe = columns[index]?.probe ?? '';
        return (
          <td
            key={probe}
            className="matrix-cell"
            data-verdict={verdict}
            data-first={columns[index]?.theme !== columns[index - 1]?.theme}
            data-at={`${number} ${index}`}
            aria-label={sayVerdict(verdict)}
            tabIndex={index === chosen ? 0 : -1}
          >
            {SIGNS[verdict]}
          </td>
        );
      })}
    </tr>
  );
});

export function useName({ site, node }: Row): string {
  const say = useTexts(matrixTexts);
  return site === null ? say('decoyOf', { node: node.name }) : site.name;
}

/** The chosen cell in words. */
function CellWords({ row, column }: { readonly row: Row; readonly column: Column }) {
  const say = useTexts(matrixTexts);
  const sayDoor = useTexts(doorTexts);
  const sayVerdict = useTexts(verdictTexts);
  const { ago } = useFormats();
  const now = useNow(CLOCK_MS);
  const place = useName(row);
  const probe = usePromise(column.probe);
  const [verdict = 'not-tested'] = verdictsOf(row, [column]);
  const fact = row.open.find((each) => each.probe === column.probe)?.fact;
  return (
    <div className="matrix-words">
      <p>
        <span className="matrix-cell" data-verdict={verdict} aria-hidden="true">
          {SIGNS[verdict]}
        </span>
        <span>
          {say('cell', { place, door: sayDoor(row.door), probe })} <strong>{sayVerdict(verdict)}</strong>
          <span className="soft">
            {' · '}
            {row.at === null ? say('neverLooked') : say('looked', { ago: ago(row.at, now) })}
          </span>
        </span>
      </p>
      {fact === undefined ? null : <code lang="en">{fact}</code>}
      {row.failure === null ? null : (
        <p className="small soft">{say('failed', { ago: ago(row.triedAt, now), reason: row.failure })}</p>
      )}
    </div>
  );
}
