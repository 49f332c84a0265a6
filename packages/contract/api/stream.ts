import { type Static, Type } from 'typebox';
import { Moment } from './common.ts';
import { endpoint } from './endpoint.ts';

/**
 * Running something in a site takes two steps: ask for a ticket, then open the WebSocket that it names. Each binary
 * message is one frame: its type (one byte, FRAME in contract/gate) and its payload (64 KiB at most). The last frame from
 * the other side is the outcome; then the connection closes with 1000. Who sends much input counts it: INPUT_WINDOW (contract/gate) bytes
 * may be under way, and frames of the type `credit` say how many more.
 */
export const Ticket = Type.Object(
  {
    url: Type.String({ description: 'wss address to open; it holds the ticket, once, for a minute.' }),
    expiresAt: Moment,
  },
  { additionalProperties: false },
);
export type Ticket = Static<typeof Ticket>;

const params = Type.Object({ site: Type.String({ maxLength: 300, description: 'Id, or one of its host names.' }) });

export const execInSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/exec',
  summary: 'Run a program inside a site, with streams.',
  params,
  body: Type.Object(
    {
      argv: Type.Array(Type.String({ maxLength: 122_880 }), { minItems: 1, maxItems: 4096 }),
      env: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 8192 }))),
      terminal: Type.Optional(
        Type.Object(
          {
            columns: Type.Integer({ minimum: 1, maximum: 10_000 }),
            rows: Type.Integer({ minimum: 1, maximum: 10_000 }),
          },
          { additionalProperties: false },
        ),
      ),
      door: Type.Optional(Type.Literal('exec')),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Ticket,
});

export const UPLOAD_FORMATS = ['zip', 'tar.gz'] as const;

export const uploadToSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/upload',
  summary: 'Unpack an archive inside a site: its bytes go as stdin of the stream.',
  params,
  body: Type.Object(
    {
      format: Type.Enum(UPLOAD_FORMATS),
      to: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 4096,
          description: 'Folder, from the home folder of the site; the document root otherwise.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Ticket,
});
