import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { HofjeError } from '#model/error.ts';

const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
const Path = Type.String({ minLength: 1 });

const DatabaseConfig = Type.Union([
  Type.Object({ url: Type.String(), connections: Type.Optional(Type.Integer({ minimum: 2 })) }),
  Type.Object({
    socketFolder: Path,
    port: Type.Optional(Port),
    user: Type.String(),
    database: Type.String(),
    passwordFile: Type.Optional(Path),
    connections: Type.Optional(Type.Integer({ minimum: 2 })),
  }),
]);
export type DatabaseConfig = Static<typeof DatabaseConfig>;

/** The control plane's configuration file. Unknown members are refused: a misspelt one would be believed set. */
const ConfigFile = Type.Object(
  {
    /** Id of the installation; recorded on the first start, compared on each later one. */
    installation: Type.Optional(Type.String()),
    database: Type.Optional(DatabaseConfig),
    /** Short form of `database: {url}`. */
    databaseUrl: Type.Optional(Type.String()),
    /** SHA-256 of the operator's token, 64 hexadecimal digits; or a file that holds that. */
    operatorTokenHash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    operatorTokenHashFile: Type.Optional(Path),
    /** SHA-256 of a token that is good for `/metrics` alone. */
    metricsTokenHash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    /** Whether any process of this machine may read `/metrics` without a token. */
    metricsFromLoopback: Type.Optional(Type.Boolean()),
    /** Wrong tokens and tickets that one address may show; the right one is always taken. */
    wrongTokensPerMinute: Type.Optional(Type.Integer({ minimum: 1 })),
    listen: Type.Array(Type.Object({ host: Type.String(), port: Port }), { minItems: 1 }),
    /** Keys and certificates of the platform's own authorities; made when missing, 0700. */
    pkiFolder: Path,
    /** Where clients and agents find this process (not the others): base URLs without a slash at the end. */
    publicUrls: Type.Object({
      client: Type.String(),
      node: Type.String(),
      /** Where people find the panel, at whatever process; `client` otherwise. Passkeys need a name here, not an address. */
      panel: Type.Optional(Type.String()),
    }),
    /** Names and addresses that the server's certificate carries besides those of `listen` and `publicUrls`. */
    certificateNames: Type.Optional(Type.Array(Type.String())),
    /** Names that belong to the platform: no customer gets them, nor one above or below. */
    platformNames: Type.Optional(Type.Array(Type.String())),
    /** Whose name mails of the platform itself bear, for example `noreply@hosting.example`. */
    mailSender: Type.Optional(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$' })),
    /** Name under which mail programs find the mail servers; a mailbox's own domain otherwise. */
    mailHost: Type.Optional(Type.String({ pattern: '^[a-z0-9.-]+$' })),
    /** DNS servers for proofs, `address` or `address:port`; the machine's own otherwise. */
    resolvers: Type.Optional(Type.Array(Type.String())),
    /** Seconds between a deletion and the end of the data. */
    graceSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Seconds that `wait=true` waits at most. */
    waitSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 600 })),
    /** Days that signals are kept. */
    signalDays: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The built panel; without it only the API is served. */
    panelFolder: Type.Optional(Path),
    /** Whether this process takes jobs. */
    jobs: Type.Optional(Type.Boolean()),
    logLevel: Type.Optional(Type.Enum(['debug', 'info', 'warn', 'error', 'silent'])),
  },
  { additionalProperties: false },
);
type ConfigFile = Static<typeof ConfigFile>;

/** The configuration with everything decided. */
export interface Config {
  readonly installation: string | undefined;
  readonly database: DatabaseConfig;
  readonly operatorTokenHash: string;
  readonly metricsTokenHash: string | undefined;
  readonly metricsFromLoopback: boolean;
  readonly wrongTokensPerMinute: number;
  readonly listen: readonly { readonly host: string; readonly port: number }[];
  readonly pkiFolder: string;
  readonly publicUrls: { readonly client: string; readonly node: string; readonly panel: string };
  readonly certificateNames: readonly string[];
  readonly platformNames: readonly string[];
  readonly mailSender: string;
  readonly mailHost: string | undefined;
  readonly resolvers: readonly string[] | undefined;
  readonly graceSeconds: number;
  readonly waitSeconds: number;
  readonly signalDays: number;
  readonly panelFolder: string | undefined;
  readonly jobs: boolean;
  readonly logLevel: string;
}

export function loadConfig(path: string): Config {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new HofjeError('config.unreadable', `${path} is no JSON that can be read.`, { cause });
  }
  return decideConfig(parsed);
}

/** Throws `config.invalid` with the member that is wrong. */
export function decideConfig(parsed: unknown): Config {
  if (!Value.Check(ConfigFile, parsed)) {
    const [error] = Value.Errors(ConfigFile, parsed);
    const field = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
    throw new HofjeError(
      'config.invalid',
      `The configuration is wrong at ${field || 'its top'}: ${error?.message ?? ''}.`,
      { field },
    );
  }
  const database = parsed.database ?? (parsed.databaseUrl === undefined ? undefined : { url: parsed.databaseUrl });
  if (database === undefined)
    throw new HofjeError('config.invalid', 'No database is configured.', { field: 'database' });
  return {
    installation: parsed.installation,
    database,
    operatorTokenHash: tokenHash(parsed),
    metricsTokenHash: parsed.metricsTokenHash,
    metricsFromLoopback: parsed.metricsFromLoopback ?? false,
    wrongTokensPerMinute: parsed.wrongTokensPerMinute ?? 60,
    listen: parsed.listen,
    pkiFolder: parsed.pkiFolder,
    publicUrls: { panel: parsed.publicUrls.client, ...parsed.publicUrls },
    certificateNames: parsed.certificateNames ?? [],
    platformNames: parsed.platformNames ?? [],
    mailSender: parsed.mailSender ?? `noreply@${ownName(parsed)}`,
    mailHost: parsed.mailHost,
    resolvers: parsed.resolvers,
    graceSeconds: parsed.graceSeconds ?? 7 * 24 * 3600,
    waitSeconds: parsed.waitSeconds ?? 30,
    signalDays: parsed.signalDays ?? 30,
    panelFolder: parsed.panelFolder,
    jobs: parsed.jobs ?? true,
    logLevel: parsed.logLevel ?? 'info',
  };
}

function tokenHash(file: ConfigFile): string {
  if (file.operatorTokenHash !== undefined) return file.operatorTokenHash;
  if (file.operatorTokenHashFile === undefined) {
    throw new HofjeError('config.invalid', 'No operator token is configured.', { field: 'operatorTokenHash' });
  }
  const text = readFileSync(file.operatorTokenHashFile, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new HofjeError('config.invalid', 'The file holds no SHA-256 in hexadecimal.', {
      field: 'operatorTokenHashFile',
    });
  }
  return text;
}

/** A name of the platform for its mail: one that is its own for certain, else where it is found. */
function ownName({ platformNames = [], publicUrls }: ConfigFile): string {
  const { hostname } = new URL(publicUrls.panel ?? publicUrls.client);
  return platformNames[0] ?? (isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : 'localhost');
}
