import type { EventFeature, FeatureValue, Measure, RatioFeature, Window } from './feature.js';
import type { FeatureSettings } from './feature-settings.js';

/** A feature of the library. */
export interface LibraryFeature {
  /** Unique in the library, and kept for good: feature sets name it. */
  name: string;
  /** One sentence for people. */
  description: string;
  /** null: the project has to say something first, such as which event is a payment. */
  value: FeatureValue | null;
}

/** Features of one kind, mostly one measure over several windows. */
export interface FeatureFamily {
  name: string;
  description: string;
  features: (settings: FeatureSettings) => LibraryFeature[];
}

export function defineFeatureFamily(family: FeatureFamily): FeatureFamily {
  return Object.freeze(family);
}

/** The windows of the library, in days. */
export const WINDOWS = [1, 3, 7, 14, 30, 60, 90] as const;

export function last(days: number): Window {
  return { last: { days } };
}

/** So many days, before as many last ones. */
export function lastBefore(days: number): Window {
  return { last: { days }, endingDaysAgo: days };
}

/** A measure over events of the user's own, unless another event is named. */
export function measured(measure: Measure, window: Window, more: Partial<EventFeature> = {}): EventFeature {
  return { event: '*', ...more, window, measure };
}

export function counted(window: Window, more: Partial<EventFeature> = {}): EventFeature {
  return measured({ fn: 'count' }, window, more);
}

export function ratio(of: EventFeature, to: EventFeature): RatioFeature {
  return { ratio: { of, to } };
}

/** One feature per window, named `<stem>_<days>d`. */
export function overWindows(
  stem: string,
  days: readonly number[],
  make: (days: number) => { description: string; value: FeatureValue | null },
): LibraryFeature[] {
  return days.map((each) => ({ name: `${stem}_${each}d`, ...make(each) }));
}
