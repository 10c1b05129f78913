import type { Failure } from '../../kernel/outcome.js';
import type { Verdict } from '../../kernel/verdict.js';

/** What became of a request of an SDK. */
export type CollectOutcome =
  | 'stored'
  | 'shed'
  | 'unknown_project'
  | 'wrong_token'
  | 'origin_not_allowed'
  | 'too_large'
  | 'unreadable';

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

/** Where a route answers: below any prefix by the last segment (`sa` is `/sa` and `/any/prefix/sa`), or at one path. */
export type RouteAddress = { lastSegment: string } | { path: string };

export type SourceRoute = RouteAddress & {
  methods: readonly ('GET' | 'POST' | 'PUT')[];
  /**
   * `check` decodes the request before it answers, and tells what it found; `judge` decodes, stores, and tells of
   * each record whether it was accepted (needs `open` and `tell`). Default: `store`.
   */
  purpose?: 'store' | 'check' | 'judge';
};

/** A request of a client that names its project by a key. */
export interface KeyedRequest {
  /** Path without query. */
  path: string;
  /** Raw query string without `?`. */
  query: string;
  /** By lower-case name; null where the header is absent. */
  header(name: string): string | null;
  body: Buffer;
}

/** What a source finds when it opens a request. */
export interface OpenedRequest {
  /** Collect token or API key; null where there is none. */
  key: string | null;
  /** Query and body as the journal keeps them: a source may put in what path and headers tell. */
  query: string;
  body: Buffer;
  /** Why the request cannot be read; null where it can. */
  failure: Failure | null;
}

/**
 * A kind of SDK: where its requests come in and what it wants to hear. How its bytes are read is no matter here:
 * the format of the same name in the decode stage does that, behind the journal.
 */
export interface EventSource {
  /** Value of `Envelope.source`. */
  name: string;
  routes: readonly SourceRoute[];
  /**
   * Runs for every request: give constants back where you can. `retry-after` of `shed` is added by the caller.
   * @param detail for people: why the request was refused; empty where it was not
   */
  reply(outcome: CollectOutcome, request: SourceRequest, detail: string): SourceReply;
  /** For clients that send a key and no project. Absent: `project` and `token` are in the query. */
  open?(request: KeyedRequest, inflatedLimitBytes: number): OpenedRequest;
  /** Answers a route that judges. */
  tell?(verdict: Verdict): SourceReply;
}

/** Declares an event source; its one line in `sources/index.ts` makes it known. */
export function defineEventSource(source: EventSource): EventSource {
  return source;
}
