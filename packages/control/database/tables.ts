import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Alarm, NodeReport, ServiceReport, SignalWindow } from '#contract/agent/messages.ts';
import type { AccountId, DomainId, ForwarderId, MailboxId, NodeId, SiteId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { PlanLimits } from '#model/plan/plan.ts';
import type { SiteState } from '#model/site/state.ts';

/** The tables as Kysely sees them; the migrations are what makes them so. */
export interface Database {
  installation: InstallationTable;
  account: AccountTable;
  plan: PlanTable;
  image: ImageTable;
  node: NodeTable;
  node_enrolment: NodeEnrolmentTable;
  node_certificate: NodeCertificateTable;
  domain: DomainTable;
  site: SiteTable;
  site_host: SiteHostTable;
  mailbox: MailboxTable;
  forwarder: ForwarderTable;
  site_report: SiteReportTable;
  signal: SignalTable;
  idempotency: IdempotencyTable;
  audit: AuditTable;
  relay: RelayTable;
}

type CreatedAt = ColumnType<Date, Date | undefined, never>;
type Json<T extends object | null> = JSONColumnType<T>;

export interface InstallationTable {
  only_one: Generated<boolean>;
  id: string;
  created_at: CreatedAt;
}

export interface AccountTable {
  id: AccountId;
  name: string;
  email: string;
  version: Generated<number>;
  created_at: CreatedAt;
  deleted_at: Date | null;
  purge_after: Date | null;
}

export interface PlanTable {
  name: string;
  limits: Json<PlanLimits>;
}

export interface ImageTable {
  digest: ImageDigest;
  kind: string;
  lock: ColumnType<Record<string, string>, string | undefined, string>;
  built_at: Date;
  registered_at: CreatedAt;
  current: Generated<boolean>;
}

export interface NodeTable {
  id: NodeId;
  name: string;
  revision: Generated<number>;
  applied_revision: number | null;
  edge_image: ImageDigest | null;
  mail_image: ImageDigest | null;
  facts: ColumnType<NodeReport['facts'] | null, string | null | undefined, string>;
  alarms: ColumnType<Alarm[], string | undefined, string>;
  services: ColumnType<ServiceReport[], string | undefined, string>;
  enrolled_at: Date | null;
  last_seen_at: Date | null;
  linked_to: string | null;
  version: Generated<number>;
  created_at: CreatedAt;
}

export interface NodeEnrolmentTable {
  token_hash: Buffer;
  node_id: NodeId;
  expires_at: Date;
}

export interface NodeCertificateTable {
  serial: string;
  node_id: NodeId;
  issued_at: CreatedAt;
  not_after: Date;
  revoked_at: Date | null;
}

export interface DomainTable {
  id: DomainId;
  account_id: AccountId;
  node_id: NodeId;
  name: string;
  mail: Generated<boolean>;
  mail_limit_bytes: number;
  proof_token: string;
  established_at: Date | null;
  established_by: 'dns' | 'parent' | 'override' | null;
  override_reason: string | null;
  override_by: string | null;
  version: Generated<number>;
  created_at: CreatedAt;
  deleted_at: Date | null;
  deleted_with: 'account' | null;
  purge_after: Date | null;
}

export interface SiteTable {
  id: SiteId;
  account_id: AccountId;
  node_id: NodeId;
  plan: string;
  image: ImageDigest;
  name: string;
  suspended: Generated<boolean>;
  redirect_to_https: Generated<boolean>;
  revision: number;
  tls_chain: string | null;
  tls_key: Buffer | null;
  tls_names: string[] | null;
  tls_not_after: Date | null;
  version: Generated<number>;
  created_at: CreatedAt;
  deleted_at: Date | null;
  deleted_with: 'account' | null;
  purge_after: Date | null;
}

export interface SiteHostTable {
  site_id: SiteId;
  account_id: AccountId;
  domain_id: DomainId;
  name: string;
  role: 'primary' | 'alias';
  live: Generated<boolean>;
  own_chain: string;
  own_key: Buffer;
  own_not_after: Date;
  created_at: CreatedAt;
}

export interface MailboxTable {
  id: MailboxId;
  domain_id: DomainId;
  local_part: string;
  address: string;
  password_hash: string;
  quota_bytes: number;
  version: Generated<number>;
  created_at: CreatedAt;
}

export interface ForwarderTable {
  id: ForwarderId;
  domain_id: DomainId;
  local_part: string;
  address: string;
  kind: 'addresses' | 'pipe';
  targets: string[] | null;
  site_id: SiteId | null;
  command: string | null;
  argv: string[] | null;
  version: Generated<number>;
  created_at: CreatedAt;
}

export interface SiteReportTable {
  site_id: SiteId;
  state: SiteState;
  reason: string | null;
  instance: string;
  image: string;
  applied: number;
  at: Date;
}

export interface SignalTable {
  site_id: SiteId;
  started_at: Date;
  seconds: number;
  requests: number;
  status_5xx: number;
  latency: number[];
  memory_bytes_peak: number;
  cpu_milliseconds: number;
  disk_bytes: number;
  wakes: number;
  entries: ColumnType<SignalWindow['entries'], string, string>;
  faults: ColumnType<SignalWindow['faults'], string, string>;
}

export interface IdempotencyTable {
  caller: string;
  key: string;
  request_hash: Buffer;
  status: number;
  answer: Buffer;
  created_at: CreatedAt;
}

export interface AuditTable {
  id: Generated<number>;
  at: CreatedAt;
  caller: string;
  request_id: string;
  action: string;
  object: string;
  detail: ColumnType<Record<string, unknown>, string | undefined, never>;
}

export interface RelayTable {
  id: Generated<number>;
  recipient: string;
  body: ColumnType<unknown, string, never>;
  created_at: CreatedAt;
}
