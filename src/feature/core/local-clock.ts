/** Reads the hour (0 to 23) and the weekday (1 is Monday) of a moment in a time zone. */
export type LocalClock = (atMs: number) => { hour: number; weekday: number };

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** @param timeZone IANA name */
export function createLocalClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    hour: 'numeric',
    weekday: 'short',
  });
  return (atMs) => {
    const parts = format.formatToParts(atMs);
    const read = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
    return { hour: Number(read('hour')), weekday: WEEKDAYS.indexOf(read('weekday')) + 1 };
  };
}
