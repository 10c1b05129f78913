/** Place of an event on a timeline: newest first, and by id among events of one moment. */
export interface TimelineKey {
  /** Milliseconds since 1970. */
  time: number;
  /** 32 hex digits. */
  eventId: string;
}

export function formatTimelineKey({ time, eventId }: TimelineKey): string {
  return `${time}.${eventId}`;
}

/** @returns null where the text is no such key */
export function parseTimelineKey(text: string): TimelineKey | null {
  const match = /^(-?\d{1,15})\.([0-9a-f]{32})$/.exec(text);
  return match ? { time: Number(match[1]), eventId: match[2] ?? '' } : null;
}
