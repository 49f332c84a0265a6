import type { ReactNode } from 'react';
import type { Listed } from '../api/query.ts';
import { common } from '../text/common.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Button } from './Button.tsx';
import { Failed, Skeleton } from './Waiting.tsx';
import './table.css';

export interface Column<Item> {
  readonly id: string;
  /** Its head; also beside each value where there is no room for columns. */
  readonly head: string;
  readonly cell: (item: Item) => ReactNode;
  /** `number`: at the end of its column. `short`: never broken. `wide`: takes what is left. */
  readonly kind?: 'number' | 'short' | 'wide';
}

export interface TableProps<Item> {
  /** What it lists, for the ear. */
  readonly label: string;
  readonly list: Listed<Item>;
  readonly columns: readonly Column<Item>[];
  readonly keyOf: (item: Item) => string;
  /** What stands here when there is nothing. */
  readonly empty: ReactNode;
}

/** A list of the API, page by page. On a phone each row becomes a small card. */
export function Table<Item>({ label, list, columns, keyOf, empty }: TableProps<Item>) {
  const say = useTexts(common);
  if (list.items === undefined) return list.error ? <Failed error={list.error} /> : <Skeleton lines={5} />;
  if (list.items.length === 0) return empty;
  return (
    <>
      <table className="table">
        <caption className="unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ id, head, kind }) => (
              <th key={id} scope="col" data-kind={kind}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ id, head, cell, kind }) => (
                <td key={id} data-kind={kind} data-head={head}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasMore ? (
        <div className="table-more">
          <Button onPress={list.more} isPending={list.isLoadingMore}>
            {say('more')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
