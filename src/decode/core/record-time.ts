import type { Json } from '../../kernel/json.js';

const SKEW_TO_CORRECT_MS = 60_000;

/** How far the time of a record may be from the moment of its receiving. */
export interface TimeWindow {
  lateMs: number;
  futureMs: number;
}

/** Why a record has no time that counts; a reason of a dead letter. */
export type TimeFault = 'invalid_time' | 'time_too_old' | 'time_too_far_ahead';

/**
 * For the answer to a record without a time that counts.
 * @param formats what a time may look like, as a sentence
 */
export function describeTimeFault(
  fault: TimeFault,
  { lateMs, futureMs }: TimeWindow,
  formats: string,
): string {
  switch (fault) {
    case 'invalid_time':
      return formats;
    case 'time_too_old':
      return `The time is more than ${lateMs / 86_400_000} days before the moment of receiving.`;
    case 'time_too_far_ahead':
      return `The time is more than ${futureMs / 60_000} minutes after the moment of receiving.`;
  }
}

export interface RecordTime {
  /** Corrected, ms since 1970. */
  time: number;
  /** As the client gave it, ms since 1970. */
  clientTime: number | null;
}

/**
 * When a record happened.
 *
 * The clock of a phone may be wrong: where the moment of sending differs from the moment of receiving by more than a
 * minute, the record's time moves by the difference. Without a time, the moment of receiving counts. Accepted are
 * times within the window; with `time_free`, which marks imported history, any since 2001 up to the end of the window.
 *
 * @param raw milliseconds (13 digits) or seconds (10 digits), as number or text
 * @param flushTime when the client sent it by its own clock; null where it does not tell
 * @returns the fault where the time is no time or outside what is accepted
 * Source: SensorsData SDKs send `_flush_time` from the clock that gives `time`; server SDKs send none.
 */
export function toRecordTime(raw: {
  time: Json | undefined;
  flushTime: Json | undefined;
  isTimeFree: boolean;
  receivedAt: number;
  window: TimeWindow;
}): RecordTime | TimeFault {
  const { receivedAt, window } = raw;
  if (raw.time === undefined || raw.time === null) return { time: receivedAt, clientTime: null };
  const clientTime = toMilliseconds(raw.time);
  if (clientTime === null) return 'invalid_time';
  const time = raw.isTimeFree ? clientTime : correct(clientTime, toMilliseconds(raw.flushTime), receivedAt);
  if (time > receivedAt + window.futureMs) return 'time_too_far_ahead';
  if (!raw.isTimeFree && time < receivedAt - window.lateMs) return 'time_too_old';
  return { time, clientTime };
}

/** Reads 13 digits as milliseconds and 10 as seconds; null for anything else. */
export function toMilliseconds(value: Json | undefined): number | null {
  const number = typeof value === 'string' && /^\d{10,13}(?:\.\d{1,6})?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') return null;
  if (number >= 1e12 && number < 1e13) return Math.floor(number);
  if (number >= 1e9 && number < 1e10) return Math.round(number * 1_000);
  return null;
}

function correct(clientTime: number, flushTime: number | null, receivedAt: number): number {
  if (flushTime === null) return clientTime;
  const skewMs = receivedAt - flushTime;
  // A record from well after its own sending: the two do not come from one clock.
  if (Math.abs(skewMs) <= SKEW_TO_CORRECT_MS || clientTime - flushTime > SKEW_TO_CORRECT_MS)
    return clientTime;
  return clientTime + skewMs;
}
