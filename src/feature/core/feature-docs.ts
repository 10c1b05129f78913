import { type EventFeature, type FeatureValue, isNotAsOf } from './feature.js';

/** What the numbers of a feature are. */
export interface FeatureDocs {
  /** Such as `events`, `days`, `1` (a share or factor), `label`, or the unit of a property. */
  unit: string;
  /** When there is no value, and what stands where nothing happened. */
  nullRule: string;
  /** Of the profile: known as of now only, and left out for past cutoffs. */
  notAsOf: boolean;
}

/** Reads unit and null rule off a feature: they follow from what it measures. */
export function describeFeature(value: FeatureValue): FeatureDocs {
  return { ...describe(value), notAsOf: isNotAsOf(value) };
}

const NEVER = 'Always a number.';

function describe(value: FeatureValue): Omit<FeatureDocs, 'notAsOf'> {
  if ('event' in value) return describeMeasure(value);
  if ('ratio' in value) {
    const [of, to] = [describeMeasure(value.ratio.of).unit, describeMeasure(value.ratio.to).unit];
    return {
      unit: of === to ? '1' : `${of}/${to}`,
      nullRule: 'Null where the divisor is 0 or either part is null.',
    };
  }
  if ('lifecycle' in value) return { unit: 'label', nullRule: NEVER };
  if ('profile' in value) return { unit: '0 or 1', nullRule: NEVER };
  if ('profileNumber' in value) {
    return { unit: value.profileNumber, nullRule: 'Null where the profile has no number under that name.' };
  }
  return {
    unit: 'days',
    nullRule: 'Null where the profile has no text that begins with a day (2026-03-01) there.',
  };
}

function describeMeasure({ measure }: EventFeature): Omit<FeatureDocs, 'notAsOf'> {
  switch (measure.fn) {
    case 'count':
      return { unit: 'events', nullRule: '0 where there are no events.' };
    case 'active_days':
    case 'streak':
      return { unit: 'days', nullRule: '0 where there are no events.' };
    case 'days_since_first':
    case 'days_since_last':
      return { unit: 'days', nullRule: 'Null where there are no events.' };
    case 'slope':
      return { unit: 'events/day²', nullRule: '0 where there are no events.' };
    case 'gap':
      return {
        unit: measure.stat === 'current_ratio' ? '1' : 'days',
        nullRule:
          measure.stat === 'stddev'
            ? 'Null with fewer than three active days.'
            : 'Null with fewer than two active days.',
      };
    case 'sessions': {
      if (measure.stat === 'count') return { unit: 'sessions', nullRule: '0 where there are no events.' };
      const unit = measure.stat === 'mean_minutes' ? 'minutes' : 'events/session';
      return { unit, nullRule: 'Null where there are no sessions.' };
    }
    case 'distinct':
      return { unit: 'values', nullRule: '0 where there are none.' };
    case 'entropy':
      return { unit: 'bits', nullRule: 'Null where there are no values; 0 where they are all the same.' };
    case 'sum':
      return { unit: measure.property, nullRule: '0 where there are no numbers.' };
    case 'stddev':
      return { unit: measure.property, nullRule: 'Null with fewer than two numbers.' };
    default:
      return { unit: measure.property, nullRule: 'Null where there are no numbers.' };
  }
}
