import { Injectable } from '@nestjs/common';
import type { DecodedRecord, Envelope } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import { inflatedLimit } from '../kernel/inflate.js';
import type { Json } from '../kernel/json.js';
import type { DropReason } from '../kernel/reasons.js';
import { Turn } from '../kernel/turns.js';
import { Config } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { type DeadLetter, type DecodedBatch, Decoder, type Judgement } from './contract.js';
import { EMPTY_KEY_RING, type KeyRing } from './core/encryption/key-ring.js';
import {
  countDrop,
  type DeadItem,
  type DecodeContext,
  type DecodeLimits,
  type DecodeOutput,
  emptyOutput,
  type Format,
  type Inspection,
  rawPayload,
} from './core/format.js';
import type { TimeWindow } from './core/record-time.js';
import { addRemarkOfQuery } from './core/remark.js';
import { type DerivedByProject, DerivedProperties } from './derived-properties.js';
import { Enrichment } from './enrichment.js';
import { FORMATS } from './formats/index.js';
import { KeyRings } from './key-rings.js';
import { TimeWindows } from './time-windows.js';

const RECORDS_PER_REQUEST = 10_000;
/** Of one request; a hostile one must not become a table of rows. The last says how many more there were. */
const LETTERS_PER_REQUEST = 100;

/** What decoding has to know of projects. */
interface ByProject {
  rings: ReadonlyMap<ProjectId, KeyRing>;
  windows: ReadonlyMap<ProjectId, TimeWindow>;
}

@Injectable()
export class DecodeService extends Decoder {
  private readonly formats: ReadonlyMap<string, Format> = new Map(
    FORMATS.map((format) => [format.source, format]),
  );
  private readonly limits: DecodeLimits;

  constructor(
    config: Config,
    private readonly keyRings: KeyRings,
    private readonly enrichment: Enrichment,
    private readonly derived: DerivedProperties,
    private readonly windows: TimeWindows,
  ) {
    super();
    this.limits = {
      inflatedBytes: config.get('COLLECT_INFLATED_LIMIT_BYTES'),
      recordsPerRequest: RECORDS_PER_REQUEST,
    };
  }

  async decode(envelopes: readonly Envelope[]): Promise<DecodedBatch> {
    const batch: DecodedBatch = { records: [], items: [], resumed: [], dead: [], dropped: {} };
    const projectIds = new Set(envelopes.map(({ projectId }) => projectId));
    const [known, derived] = await Promise.all([this.load(projectIds), this.derived.of(projectIds)]);
    const turn = new Turn();
    let crcMismatches = 0;
    for (const envelope of envelopes) {
      if (turn.isOver) await turn.rest();
      const output = this.decodeOne(envelope, this.toContext(envelope, known));
      if (derived.size > 0) await this.derive(output.records, derived, turn);
      for (const record of output.records) batch.records.push(record);
      for (const item of output.items) batch.items.push(item);
      for (const one of output.resumed) batch.resumed.push(one);
      for (const item of limitLetters(output.dead, envelope)) batch.dead.push(this.toLetter(item, envelope));
      addDrops(batch, output);
      crcMismatches += output.crcMismatches;
    }
    count('ok', '', batch.records.length + batch.items.length + batch.resumed.length);
    count('flag', 'crc_mismatch', crcMismatches);
    return batch;
  }

  async inspect(envelope: Envelope): Promise<Inspection> {
    const known = await this.load(new Set([envelope.projectId]));
    const context = this.toContext(envelope, known);
    const inspection = this.formats.get(envelope.source)?.inspect?.(envelope, context);
    if (!inspection) {
      const errors = [{ reason: 'not_a_record', detail: 'No such format.' }];
      return { valid: false, stages: { errors } };
    }
    return {
      ...inspection,
      stages: { ...inspection.stages, enriched: this.showEnriched(inspection, envelope) },
    };
  }

  /**
   * The records that the format shows, enriched. Without what the project derives: anyone may ask, and a step that
   * decrypts would read to them what they overheard.
   */
  private showEnriched({ stages }: Inspection, envelope: Envelope): Json {
    const shown = structuredClone(stages['records'] ?? []);
    this.enrichment.enrich(shown as unknown as DecodedRecord[], envelope);
    return shown;
  }

  /** Turn by turn, for a project's patterns may take their time. */
  private async derive(
    records: readonly DecodedRecord[],
    derived: DerivedByProject,
    turn: Turn,
  ): Promise<void> {
    let failures = 0;
    for (const record of records) {
      if (turn.isOver) await turn.rest();
      failures += this.derived.derive(record, derived);
    }
    count('flag', 'derive_failed', failures);
  }

  async judge(envelope: Envelope): Promise<Judgement> {
    const known = await this.load(new Set([envelope.projectId]));
    const { records, items, resumed, dead } = this.decodeOne(envelope, this.toContext(envelope, known));
    const whole = dead.find(({ at }) => at === undefined);
    return {
      accepted: records.length + items.length + resumed.length,
      refused: dead.length,
      rejected: dead.flatMap(({ at, reason, detail }) => (at ? [{ ...at, code: reason, detail }] : [])),
      failure: whole ? { kind: 'dead', reason: whole.reason, detail: whole.detail } : null,
    };
  }

  private decodeOne(envelope: Envelope, context: DecodeContext): DecodeOutput {
    const format = this.formats.get(envelope.source);
    if (!format) return failed(envelope, `There is no format for the source ${envelope.source}.`);
    try {
      const output = addRemarkOfQuery(format.decode(envelope, context), envelope.query);
      this.enrichment.enrich(output.records, envelope);
      return output;
    } catch (error) {
      // A bug of ours: the batch goes on, and the payload stays for a replay by a later version.
      log.error({ err: error, source: envelope.source }, 'decoding failed');
      return failed(envelope, 'Decoding failed; the log has the cause.');
    }
  }

  private async load(projectIds: ReadonlySet<ProjectId>): Promise<ByProject> {
    const [rings, windows] = await Promise.all([
      this.keyRings.load(projectIds),
      this.windows.load(projectIds),
    ]);
    return { rings, windows };
  }

  private toContext({ projectId, body, query }: Envelope, { rings, windows }: ByProject): DecodeContext {
    const { inflatedBytes, recordsPerRequest } = this.limits;
    return {
      recordsPerRequest,
      timeWindow: windows.get(projectId) ?? this.windows.common,
      inflatedBytes: inflatedLimit(body.length + query.length, inflatedBytes),
      keys: rings.get(projectId) ?? EMPTY_KEY_RING,
    };
  }

  private toLetter(item: DeadItem, envelope: Envelope): DeadLetter {
    const source = this.formats.get(envelope.source)?.letterSource?.(envelope) ?? envelope.source;
    const { projectId, receivedAt, ip } = envelope;
    const { reason, detail, payload } = item;
    return { projectId, receivedAt, source, reason, detail, payload, ip };
  }
}

function failed(envelope: Envelope, detail: string): DecodeOutput {
  return { ...emptyOutput(), dead: [{ reason: 'step_failed', detail, payload: rawPayload(envelope) }] };
}

/** The flow counts every letter; those that this one leaves out are counted here. */
function limitLetters(items: readonly DeadItem[], envelope: Envelope): readonly DeadItem[] {
  const first = items[LETTERS_PER_REQUEST];
  if (!first) return items;
  for (const { reason } of items.slice(LETTERS_PER_REQUEST + 1)) count('dead', reason, 1);
  const detail = `${items.length - LETTERS_PER_REQUEST} further records of this request were refused.`;
  return [
    ...items.slice(0, LETTERS_PER_REQUEST),
    { reason: first.reason, detail, payload: rawPayload(envelope) },
  ];
}

function addDrops(batch: DecodedBatch, output: DecodeOutput): void {
  for (const reason in output.dropped) {
    countDrop(batch, reason as DropReason, output.dropped[reason as DropReason]);
  }
}

function count(kind: string, reason: string, value: number): void {
  if (value > 0) metrics.flowOutcome.inc({ flow: 'ingest', step: 'decode', kind, reason }, value);
}
