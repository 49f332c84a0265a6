import { type Static, Type } from 'typebox';
import { SITE_STATES } from '#model/site/state.ts';
import { IdText, Page, PageQuery, ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

const Bytes = Type.Integer({ minimum: 0 });
const Percent = Type.Integer({ minimum: 0, description: 'Hundredths of one processor.' });

/** What a node has, what of it was promised, and what is used. */
export const Load = Type.Object(
  {
    node: IdText('node'),
    name: ShortName,
    sites: Type.Array(
      Type.Object(
        { state: Type.Enum([...SITE_STATES, 'unknown']), count: Type.Integer({ minimum: 1 }) },
        { additionalProperties: false },
      ),
      { description: 'How many there are in each state.' },
    ),
    capacity: Type.Union(
      [
        Type.Object(
          { memoryBytes: Bytes, cpuPercent: Percent, diskBytes: Type.Union([Bytes, Type.Null()]) },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      { description: 'Null before its first report.' },
    ),
    sold: Type.Object(
      {
        sites: Type.Integer({ minimum: 0 }),
        memoryBytes: Bytes,
        cpuPercent: Percent,
        diskBytes: Bytes,
        mailBytes: Bytes,
      },
      {
        additionalProperties: false,
        description: 'Sums of the plans of its sites, and of the room for mail of its domains.',
      },
    ),
    used: Type.Object(
      {
        memoryBytes: Bytes,
        cpuPercent: Percent,
        requests: Type.Integer({ minimum: 0, description: 'A minute.' }),
        diskBytes: Type.Union([Bytes, Type.Null()], { description: 'Of the whole disk; null when it was not told.' }),
      },
      { additionalProperties: false, description: 'By its sites in the last full minute that they reported.' },
    ),
  },
  { additionalProperties: false },
);
export type Load = Static<typeof Load>;

export const listLoads = endpoint({
  method: 'GET',
  path: '/v1/loads',
  summary: 'What each node has, has promised and uses; by the names of nodes.',
  query: Type.Object(
    { ...PageQuery, node: Type.Optional(Type.String({ maxLength: 100, description: 'Id or name; all otherwise.' })) },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Page(Load),
});
