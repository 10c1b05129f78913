import type { z } from 'zod';
import type { DeliveryReason } from '../../kernel/reasons.js';
import type { RenderedContent } from '../contract.js';

/** One message as a channel gets it. */
export interface OutgoingMessage {
  /** Our id of the message; the same at every try, so that a provider can recognise a repetition. */
  id: string;
  address: string;
  content: RenderedContent;
  /** Aborted when the time for the message is over; the channel then says what it knows. */
  signal: AbortSignal;
}

/**
 * What a channel knows about a message after the call to its provider.
 * `retry` only where the provider certainly has not taken the message: whatever is uncertain is `unknown`,
 * because a second try could be a second message.
 */
export type SendResult =
  | { kind: 'accepted'; providerMessageId: string | null }
  | { kind: 'rejected'; reason: DeliveryReason; permanent: boolean; detail: string }
  | { kind: 'retry'; reason: DeliveryReason; afterMs: number; detail: string }
  | { kind: 'unknown'; reason: DeliveryReason; detail: string };

/** Settings of the installation out of which a channel may make its default settings. */
export interface ChannelEnvironment {
  smtpUrl: string;
  smtpFrom: string;
}

export interface ChannelDeps {
  timeoutMs: number;
  concurrency: number;
  /**
   * Makes a thing that outlives one message, such as a connection pool, once per settings,
   * and closes it when the service stops.
   */
  keep<T>(make: () => { value: T; close(): void }): T;
  /** Writes one log line; no address and no content may be in it. */
  log(fields: Record<string, string | number>, text: string): void;
}

/** A way to reach people. `Settings` are those of one project, or the defaults of the installation. */
export interface ChannelDefinition<Settings extends object = object> {
  /** Stands in the database, in the API and in metrics; never changes. */
  name: string;
  title: string;
  settings: z.ZodType<Settings>;
  /** Names of the settings that are never shown again. */
  secretSettings: readonly (keyof Settings & string)[];
  /** Settings for projects that have none of their own; null where every project needs its own. */
  defaults(environment: ChannelEnvironment): Settings | null;
  /** Checks and normalises an address; a profile value that does not pass holds the message. */
  address: z.ZodType<string>;
  /** The profile property that holds the address. */
  addressProperty: string;
  /** How many messages one process hands to the provider at once. */
  concurrency: number;
  send(message: OutgoingMessage, settings: Settings, deps: ChannelDeps): Promise<SendResult>;
}

/** Declares a channel; see docs/extending/channel.md. */
export function defineChannel<Settings extends object>(
  definition: ChannelDefinition<Settings>,
): ChannelDefinition<Settings> {
  return Object.freeze(definition);
}

/**
 * Checks what the type system cannot: names are given, well-formed and used once.
 * @throws Error that names the culprit, so that the service does not start
 */
export function assertChannels(channels: readonly { name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of channels) {
    if (!/^[a-z][a-z0-9_]{0,31}$/.test(name)) {
      throw new Error(`The channel name "${name}" is not one: use lower-case letters, digits and _.`);
    }
    if (seen.has(name)) throw new Error(`Two channels are named "${name}": rename one.`);
    seen.add(name);
  }
}
