import { Injectable } from '@nestjs/common';
import type { Envelope } from '../kernel/event.js';
import type { DeadReason } from '../kernel/reasons.js';
import type { Verdict } from '../kernel/verdict.js';
import { Decoder, ReplaySink } from './contract.js';
import { isCut, type StoredDeadLetter } from './core/stored-dead-letter.js';
import { DeadLetterRepository } from './data/dead-letter.repository.js';

/** The sender was not entitled to the project: a person decides that the records belong there. */
const NEEDS_CONSENT: ReadonlySet<DeadReason> = new Set([
  'unknown_project',
  'wrong_token',
  'origin_not_allowed',
]);

/** What became of a letter that was to be replayed. */
export type ReplayOutcome =
  | { id: string; replayed: true; accepted: number; rejected: number }
  | { id: string; replayed: false; code: ReplayRefusal; detail: string };

/** Why a letter stays: it was cut, it needs consent, or it would become a dead letter again, with this reason. */
export type ReplayRefusal = 'payload_cut' | 'consent_needed' | DeadReason;

/** Sends dead letters through the flow again. */
@Injectable()
export class LetterReplay {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly decoder: Decoder,
    private readonly sink: ReplaySink,
  ) {}

  /** Replays a letter of which at least one record can be stored now; another stays as it is. */
  async replay(
    project: { id: number; slug: string },
    letter: StoredDeadLetter,
    hasConsent: boolean,
  ): Promise<ReplayOutcome> {
    const { id } = letter;
    if (isCut(letter)) {
      const detail =
        'Only the first 64 KiB were kept, which cannot be read again. Have its sender send it once more, then delete the letter.';
      return { id, replayed: false, code: 'payload_cut', detail };
    }
    if (NEEDS_CONSENT.has(letter.reason) && !hasConsent) {
      const hint = `Send {"intoThisProject": true} to store its records in ${project.slug}.`;
      return { id, replayed: false, code: 'consent_needed', detail: `${letter.detail} ${hint}` };
    }
    const envelope = toEnvelope(project, letter);
    const verdict = await this.decoder.judge(envelope);
    if (verdict.accepted === 0) return { id, replayed: false, ...describeRefusal(verdict) };
    await this.sink.replay(envelope);
    // Only now: a crash in between replays twice, and the same record counts once.
    await this.letters.remove(project.id, id);
    return { id, replayed: true, accepted: verdict.accepted, rejected: verdict.refused };
  }
}

function toEnvelope({ id, slug }: { id: number; slug: string }, letter: StoredDeadLetter): Envelope {
  return {
    source: letter.source,
    projectId: id,
    receivedAt: letter.receivedAt.getTime(),
    ip: letter.ip,
    userAgent: '',
    query: NEEDS_CONSENT.has(letter.reason) ? 'project=' : `project=${encodeURIComponent(slug)}`,
    body: letter.payload,
  };
}

function describeRefusal({ rejected, failure }: Verdict): { code: DeadReason; detail: string } {
  const [first] = rejected;
  if (first) return { code: first.code, detail: first.detail };
  if (failure) return { code: failure.reason, detail: failure.detail };
  return { code: 'no_payload', detail: 'There is no record in it.' };
}
