import type { CallWebhook, RecordEngagement } from '../kernel/effects.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { HoldReason } from '../kernel/reasons.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/**
 * States of a message. `planned` → `queued` → `sending` → `accepted` | `rejected` | `failed` | `unknown`, or `held`
 * (with a reason) before it was ever queued, or `cancelled`. `unknown`: a crash came between the call to the
 * provider and its answer; a receipt or a person settles it, nobody sends it again.
 */
export const MESSAGE_STATES = [
  'planned',
  'held',
  'queued',
  'sending',
  'accepted',
  'rejected',
  'failed',
  'unknown',
  'cancelled',
] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** A message that recall wants sent; the ledger decides whether it may be. */
export interface PlannedMessage {
  projectId: ProjectId;
  /** `NO_USER` where the message goes to an address only; it then has no frequency cap and no timeline. */
  userId: UserId;
  channel: string;
  /** Null where the user has none: the message is held with `no_address`. */
  address: string | null;
  templateId: string;
  templateVersion: number;
  campaignId: string | null;
  planRunId: string | null;
  /** What asked for it: a campaign's, trigger's or API client's id. */
  origin: string;
  /** Unique in the project: the same message planned twice is one message. */
  dedupeKey: string;
  /** Values for the template beside profile and project. */
  variables: JsonObject;
  /** Already decided by recall, such as `frequency_cap`; null where it may go. */
  holdReason: HoldReason | null;
  /** Not before, ms since 1970. */
  sendAt: number;
  /** At most this many accepted or under-way messages per user within the window; null for no cap. */
  frequencyCap: { limit: number; windowMs: number } | null;
}

export interface PlanResult {
  planned: number;
  held: Partial<Record<HoldReason, number>>;
  /** Rows that existed already. */
  repeated: number;
}

export interface LedgerMessage {
  id: string;
  projectId: ProjectId;
  userId: UserId;
  channel: string;
  address: string;
  templateId: string;
  templateVersion: number;
  campaignId: string | null;
  planRunId: string | null;
  origin: string;
  variables: JsonObject;
  state: MessageState;
}

export interface MessageCounts {
  byState: Partial<Record<MessageState, number>>;
  heldByReason: Partial<Record<HoldReason, number>>;
  opened: number;
  clicked: number;
}

/** The send ledger: one row per message, the only place that decides whether a message is sent. */
export abstract class Ledger {
  /** Writes the rows, in one transaction, and queues those that may go. */
  abstract plan(messages: readonly PlannedMessage[]): Promise<PlanResult>;
  abstract recordEngagement(engagements: readonly RecordEngagement[]): Promise<void>;
  abstract countsOfCampaign(projectId: ProjectId, campaignId: string): Promise<MessageCounts>;
  /** Messages planned since then (ms since 1970), by their present state. */
  abstract countsOfProject(projectId: ProjectId, since: number): Promise<MessageCounts>;
  /** Holds what a stopped campaign has not sent yet. */
  abstract holdUnsent(projectId: ProjectId, campaignId: string, reason: HoldReason): Promise<number>;
}

/** What a channel sends. */
export interface RenderedContent {
  subject: string;
  html: string;
  text: string;
  from: string | null;
  /** One-click unsubscribe address (RFC 8058) of this recipient; absent where the message has none. */
  unsubscribeUrl?: string;
}

export type RenderResult =
  | { kind: 'rendered'; content: RenderedContent }
  | { kind: 'held'; reason: HoldReason; detail: string };

/** Makes the content of messages right before they are sent; bound in `flow/recall.flow.ts`. */
export abstract class MessageRenderer {
  abstract render(messages: readonly LedgerMessage[]): Promise<Map<string, RenderResult>>;
}

/** Signed calls to URLs that marketers configured, each made until it succeeds or gives up, with a row of its own. */
export abstract class WebhookCalls {
  abstract enqueue(calls: readonly CallWebhook[]): Promise<void>;
}

/** Which channels exist, and which profile property or identity holds the address of each. */
export abstract class Channels {
  abstract names(): readonly string[];
  /** Name of the profile property with the address, such as `email`. @throws for an unknown channel */
  abstract addressProperty(channel: string): string;
}

/** What the stage has to do again and again, by one process of the installation at a time. */
export abstract class DeliverUpkeep {
  abstract tasks(): UpkeepTask[];
}
