import type { Json } from '../../kernel/json.js';

const SKEW_TO_CORRECT_MS = 60_000;

/** How far the time of a record may be from the moment of its receiving. */
export interface TimeWindow {
  lateMs: number;
  futureMs: number;
}

/** For the answer to a record outside the window. */
export function describeWindow({ lateMs, futureMs }: TimeWindow): string {
  return `${lateMs / 86_400_000} days back to ${futureMs / 60_000} minutes ahead`;
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
 * @returns null where the time is no time or outside what is accepted
 * Source: SensorsData SDKs send `_flush_time` from the clock that gives `time`; server SDKs send none.
 */
export function toRecordTime(raw: {
  time: Json | undefined;
  flushTime: Json | undefined;
  isTimeFree: boolean;
  receivedAt: number;
  window: TimeWindow;
}): RecordTime | null {
  const { receivedAt, window } = raw;
  if (raw.time === undefined || raw.time === null) return { time: receivedAt, clientTime: null };
  const clientTime = toMilliseconds(raw.time);
  if (clientTime === null) return null;
  const latest = receivedAt + window.futureMs;
  if (raw.isTimeFree) return clientTime <= latest ? { time: clientTime, clientTime } : null;
  const time = correct(clientTime, toMilliseconds(raw.flushTime), receivedAt);
  const isAccepted = time >= receivedAt - window.lateMs && time <= latest;
  return isAccepted ? { time, clientTime } : null;
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
