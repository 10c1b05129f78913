import type { Envelope } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { Verdict } from '../kernel/verdict.js';

/** Tells the developer of a client what a request decodes to; bound in `flow` to the decode stage. */
export abstract class PayloadInspector {
  /** Stores nothing. */
  abstract inspect(envelope: Envelope): Promise<{ valid: boolean; stages: JsonObject }>;
  /** Whether each record could be stored. Stores nothing. */
  abstract judge(envelope: Envelope): Promise<Verdict>;
}

/** The public half of a key that SDKs may encrypt with. */
export interface SdkKey {
  kind: 'rsa' | 'ec' | 'sm2';
  /** `pkv` of the SDKs. */
  version: number;
  /** SPKI DER in base64; the uncompressed point in hex for `sm2`. */
  publicKey: string;
}

/** Knows the keys that SDKs may encrypt with; bound in `flow` to the decode stage. */
export abstract class SdkKeys {
  /** The newest active key of each kind. */
  abstract listPublished(projectId: ProjectId): Promise<SdkKey[]>;
}
