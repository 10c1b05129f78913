import { z } from 'zod';

/** Where a user is in their life with the product; exactly one holds for every user who ever did something. */
export const LIFECYCLE_LABELS = [
  'new',
  'active',
  'loyal',
  'low_frequency',
  'at_risk',
  'dormant',
  'lost',
  'returned',
] as const;
export type LifecycleLabel = (typeof LIFECYCLE_LABELS)[number];

const DAYS = z.number().int().min(1).max(3650);
const RECENT_DAYS = 30;

/** Thresholds in days, each with the default that holds where a project sets none. */
export const LIFECYCLE_THRESHOLDS = z
  .strictObject({
    newDays: DAYS.default(7).describe('new: the first event is less than so many days ago'),
    atRiskDays: DAYS.default(14).describe('at_risk: silent for so many days or more'),
    dormantDays: DAYS.default(30).describe('dormant: silent for so many days or more'),
    lostDays: DAYS.default(90).describe('lost: silent for so many days or more'),
    returnedDays: DAYS.default(14).describe(
      'returned: back for less than so many days, after dormantDays of silence',
    ),
    loyalActiveDays: z
      .number()
      .int()
      .min(1)
      .max(RECENT_DAYS)
      .default(12)
      .describe('loyal: so many active days of 30'),
    lowActiveDays: z
      .number()
      .int()
      .min(1)
      .max(RECENT_DAYS)
      .default(2)
      .describe('low_frequency: at most so many active days of 30'),
  })
  .superRefine((given, ctx) => {
    const rising = [
      ['newDays', 'atRiskDays'],
      ['atRiskDays', 'dormantDays'],
      ['dormantDays', 'lostDays'],
      ['returnedDays', 'dormantDays'],
      ['lowActiveDays', 'loyalActiveDays'],
    ] as const;
    for (const [less, more] of rising) {
      const isStrict = less === 'dormantDays' || less === 'atRiskDays' || less === 'lowActiveDays';
      if (given[less] > given[more] || (isStrict && given[less] === given[more])) {
        const than = isStrict ? 'less than' : 'at most';
        ctx.addIssue({ code: 'custom', path: [less], message: `must be ${than} ${more}` });
      }
    }
  });
export type LifecycleThresholds = z.infer<typeof LIFECYCLE_THRESHOLDS>;

export const DEFAULT_LIFECYCLE: LifecycleThresholds = LIFECYCLE_THRESHOLDS.parse({});

/** Days over which active days are counted. */
export const LIFECYCLE_RECENT_DAYS = RECENT_DAYS;

/** What decides the label, of the user's own events before the cutoff; days with fractions. */
export interface LifecycleFacts {
  daysSinceFirst: number;
  daysSinceLast: number;
  /** Active days among the last 30. */
  activeDays: number;
  /** The silence before the first event of the last `returnedDays`; null where there is none on either side. */
  pauseDays: number | null;
}

/** The first that holds, in this order: lost, dormant, at_risk, new, returned, loyal, low_frequency, active. */
export function decideLifecycle(facts: LifecycleFacts, limits: LifecycleThresholds): LifecycleLabel {
  if (facts.daysSinceLast >= limits.lostDays) return 'lost';
  if (facts.daysSinceLast >= limits.dormantDays) return 'dormant';
  if (facts.daysSinceLast >= limits.atRiskDays) return 'at_risk';
  if (facts.daysSinceFirst < limits.newDays) return 'new';
  if (facts.pauseDays !== null && facts.pauseDays >= limits.dormantDays) return 'returned';
  if (facts.activeDays >= limits.loyalActiveDays) return 'loyal';
  return facts.activeDays <= limits.lowActiveDays ? 'low_frequency' : 'active';
}

/** The number that stands for a label among the values, from 1 on. */
export function lifecycleCode(label: LifecycleLabel): number {
  return LIFECYCLE_LABELS.indexOf(label) + 1;
}

/** @returns null where there is no value */
export function lifecycleLabel(code: number | null): LifecycleLabel | null {
  return code === null ? null : (LIFECYCLE_LABELS[code - 1] ?? null);
}
