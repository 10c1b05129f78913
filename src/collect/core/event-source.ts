/** What became of a request of an SDK. */
export type CollectOutcome = 'stored' | 'shed' | 'unknown_project' | 'wrong_token' | 'too_large';

/** What a reply may depend on. */
export interface SourceRequest {
  method: string;
  /** Path without query, as requested. */
  path: string;
}

export interface SourceReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

export interface SourceRoute {
  methods: readonly ('GET' | 'POST' | 'PUT')[];
  /** Last segment of the path; the route answers below any prefix: `sa` is `/sa` and `/any/prefix/sa`. */
  lastSegment: string;
  /** `check` decodes the request before it answers, and tells what it found. Default: `store`. */
  purpose?: 'store' | 'check';
}

/**
 * A kind of SDK: where its requests come in and what it wants to hear. How its bytes are read is no matter here:
 * the format of the same name in the decode stage does that, behind the journal.
 */
export interface EventSource {
  /** Value of `Envelope.source`. */
  name: string;
  routes: readonly SourceRoute[];
  /** Runs for every request: give constants back. `retry-after` of `shed` is added by the caller. */
  reply(outcome: CollectOutcome, request: SourceRequest): SourceReply;
}

/** Declares an event source; its one line in `sources/index.ts` makes it known. */
export function defineEventSource(source: EventSource): EventSource {
  return source;
}
