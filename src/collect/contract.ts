import type { Envelope } from '../kernel/event.js';
import type { JsonObject } from '../kernel/json.js';

/** Tells the developer of a client what a request decodes to; bound in `flow` to the decode stage. */
export abstract class PayloadInspector {
  /** Stores nothing. */
  abstract inspect(envelope: Envelope): Promise<{ valid: boolean; stages: JsonObject }>;
}
