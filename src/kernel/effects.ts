import type { ProjectId, UserId } from './ids.js';
import type { JsonObject } from './json.js';

/** Asks recall to send one message from a template to one user. */
export interface RequestMessage {
  kind: 'request_message';
  projectId: ProjectId;
  userId: UserId;
  templateId: string;
  channel: string;
  /** What asked for it, such as a trigger's id: shown in the ledger and in reports. */
  origin: string;
  /** The same request made twice has the same key and gives one message. */
  dedupeKey: string;
  variables: JsonObject;
}

/** Asks for one signed POST to a URL that a marketer configured. */
export interface CallWebhook {
  kind: 'call_webhook';
  projectId: ProjectId;
  userId: UserId;
  origin: string;
  url: string;
  dedupeKey: string;
  body: JsonObject;
}

/** Records an event of Rekindle's own on a user's timeline, by way of the journal. */
export interface RecordEvent {
  kind: 'record_event';
  projectId: ProjectId;
  userId: UserId;
  event: string;
  /** Milliseconds since 1970. */
  time: number;
  /** The same event recorded twice has the same key and is stored once. */
  dedupeKey: string;
  properties: JsonObject;
}

/** Tells the send ledger that a recipient opened or clicked a message. */
export interface RecordEngagement {
  kind: 'record_engagement';
  projectId: ProjectId;
  messageId: string;
  engagement: 'opened' | 'clicked';
  at: number;
}

/** What should happen, as data: the stage that owns it makes it happen. */
export type Effect = RequestMessage | CallWebhook | RecordEvent | RecordEngagement;

/**
 * Where a stage hands its effects; bound in `flow/effects.ts`.
 * Resolves when every effect is durable in PostgreSQL; dispatching the same effect again is harmless.
 */
export abstract class EffectSink {
  abstract dispatch(effects: readonly Effect[]): Promise<void>;
}
