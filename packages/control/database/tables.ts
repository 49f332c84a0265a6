import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Alarm, NodeReport, ServiceReport, SignalWindow } from '#contract/agent/messages.ts';
import type { DoorName as ProbeDoor } from '#contract/api/probe.ts';
import type {
  AccountId,
  DomainId,
  ForwarderId,
  InvitationId,
  MailboxId,
  NodeId,
  PasskeyId,
  PersonId,
  SessionId,
  SiteId,
  SupportId,
  TokenId,
} from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { PlanLimits } from '#model/plan/plan.ts';
import type { ProbeResult, Sighting } from '#model/probe/judge.ts';
import type { AccountRole, Language, OperatorRole, Scope } from '#model/right/role.ts';
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
  probe_look: ProbeLookTable;
  probe_control: ProbeControlTable;
  probe_run: ProbeRunTable;
  signal: SignalTable;
  idempotency: IdempotencyTable;
  audit: AuditTable;
  audit_chain: AuditChainTable;
  audit_draft: AuditDraftTable;
  event: EventTable;
  event_draft: EventDraftTable;
  event_head: EventHeadTable;
  relay: RelayTable;
  person: PersonTable;
  recovery_code: RecoveryCodeTable;
  passkey: PasskeyTable;
  challenge: ChallengeTable;
  membership: MembershipTable;
  membership_site: MembershipSiteTable;
  invitation: InvitationTable;
  support_access: SupportAccessTable;
  session: SessionTable;
  token: TokenTable;
  login_link: LoginLinkTable;
  throttle: ThrottleTable;
}

type CreatedAt = ColumnType<Date, Date | undefined, never>;
type Json<T extends object | null> = JSONColumnType<T>;
type Computed<T> = ColumnType<T, never, never>;

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
  orderable: Generated<boolean>;
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
  probe_alarms: ColumnType<Alarm[], string | undefined, string>;
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
  /** Of the key that it was shown with. */
  key_hash: Buffer | null;
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
  suspended_by: 'operator' | 'account' | null;
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
  account_id: AccountId;
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
  account_id: AccountId;
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
  image_since: Date | null;
}

export interface ProbeLookTable {
  node_id: NodeId;
  site_id: SiteId | null;
  place: Computed<string>;
  door: ProbeDoor;
  tried_at: Date;
  failure: string | null;
  at: Date | null;
  instance: string | null;
  image: string | null;
  results: Json<ProbeResult[]>;
  holes: string[];
}

export interface ProbeControlTable {
  node_id: NodeId;
  at: Date;
  image: string | null;
  sightings: Json<Sighting[]>;
}

export interface ProbeRunTable {
  site_id: SiteId;
  started_at: Date;
  ended_at: Date | null;
  steps: number;
  done: Generated<number>;
  trouble: string | null;
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

/** Entries are put in by `audit_draft`; what is `Computed` comes from the body. */
export interface AuditTable {
  sequence: number;
  hash: Buffer;
  body: string;
  account_sequence: number | null;
  account_hash: Buffer | null;
  account_body: string | null;
  at: Computed<string>;
  who: Computed<string>;
  action: Computed<string>;
  object: Computed<string>;
  account_id: Computed<AccountId | null>;
  site_id: Computed<SiteId | null>;
}

export interface AuditChainTable {
  chain: string;
  sequence: number;
  hash: Buffer;
  pruned_sequence: Generated<number>;
  pruned_hash: Generated<Buffer>;
}

export interface AuditDraftTable {
  id: Generated<number>;
  body: string;
  account_body: string | null;
  kind: string | null;
  domain_id: DomainId | null;
  version: number | null;
}

export interface EventTable {
  id: number;
  at: CreatedAt;
  kind: string;
  object: string;
  account_id: AccountId | null;
  site_id: SiteId | null;
  domain_id: DomainId | null;
  person_id: PersonId | null;
  version: number | null;
}

export interface EventDraftTable {
  id: Generated<number>;
  kind: string;
  object: string;
  account_id: AccountId | null;
  site_id: SiteId | null;
}

export interface EventHeadTable {
  only_one: Generated<boolean>;
  id: number;
}

export interface RelayTable {
  id: Generated<number>;
  recipient: string;
  body: ColumnType<unknown, string, never>;
  created_at: CreatedAt;
}

export interface PersonTable {
  id: PersonId;
  email: string;
  name: string;
  language: Generated<Language>;
  operator_role: OperatorRole | null;
  password_hash: string | null;
  password_changed_at: Date | null;
  totp_secret: Buffer | null;
  totp_confirmed_at: Date | null;
  totp_last_step: number | null;
  version: Generated<number>;
  created_at: CreatedAt;
  disabled_at: Date | null;
}

export interface RecoveryCodeTable {
  person_id: PersonId;
  hash: Buffer;
  used_at: Date | null;
}

export interface PasskeyTable {
  id: PasskeyId;
  person_id: PersonId;
  credential_id: Buffer;
  public_key: Buffer;
  counter: Generated<number>;
  transports: Generated<string[]>;
  name: string;
  created_at: CreatedAt;
  last_used_at: Date | null;
}

export interface ChallengeTable {
  hash: Buffer;
  person_id: PersonId | null;
  purpose: string;
  value: Buffer;
  expires_at: Date;
}

export interface MembershipTable {
  person_id: PersonId;
  account_id: AccountId;
  role: AccountRole;
  created_at: CreatedAt;
}

export interface MembershipSiteTable {
  person_id: PersonId;
  account_id: AccountId;
  site_id: SiteId;
}

export interface InvitationTable {
  id: InvitationId;
  account_id: AccountId | null;
  operator_role: OperatorRole | null;
  role: AccountRole | null;
  sites: Generated<SiteId[]>;
  email: string | null;
  token_hash: Buffer;
  invited_by: PersonId | null;
  created_at: CreatedAt;
  expires_at: Date;
  accepted_at: Date | null;
  accepted_by: PersonId | null;
  revoked_at: Date | null;
}

export interface SupportAccessTable {
  id: SupportId;
  person_id: PersonId;
  account_id: AccountId;
  reason: string;
  writes: Generated<boolean>;
  created_at: CreatedAt;
  expires_at: Date;
  ended_at: Date | null;
  allowed_by: PersonId | null;
}

export interface SessionTable {
  id: SessionId;
  token_hash: Buffer;
  person_id: PersonId | null;
  mailbox_id: MailboxId | null;
  created_at: CreatedAt;
  last_seen_at: Generated<Date>;
  expires_at: Date;
  ended_at: Date | null;
  proven_at: Date;
  factors: Generated<string[]>;
  address: Generated<string>;
  user_agent: Generated<string>;
  support_access_id: SupportId | null;
}

export interface TokenTable {
  id: TokenId;
  person_id: PersonId;
  name: string;
  hash: Buffer;
  scopes: Scope[];
  account_id: AccountId | null;
  created_at: CreatedAt;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

export interface LoginLinkTable {
  token_hash: Buffer;
  person_id: PersonId;
  purpose: 'login' | 'reset' | 'first';
  created_at: CreatedAt;
  expires_at: Date;
  used_at: Date | null;
}

export interface ThrottleTable {
  key: string;
  failures: number;
  window_started_at: Date;
  blocked_until: Date | null;
}
