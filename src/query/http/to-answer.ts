import type { RequestProject } from '../../platform/http-server/access.js';
import { type EventsQuery, measuresOf, nameOf } from '../core/events-query.js';
import type { FunnelQuery } from '../core/funnel-query.js';
import type { FunnelGroup } from '../core/funnel-table.js';
import type { RetentionQuery } from '../core/retention-query.js';
import { labelOf } from '../core/time-buckets.js';
import type { Span } from '../core/time-range.js';
import type { EventsAnswer, FunnelAnswer, RetentionAnswer } from '../query.service.js';

/** The answer to a query about events as the API shows it. */
export function toEventsAnswer(
  { timeZone }: RequestProject,
  query: EventsQuery,
  { span, points, ...rest }: EventsAnswer,
) {
  const bucket = query.bucket ?? null;
  return {
    range: toRange(span),
    timeZone,
    columns: {
      bucket,
      groups: query.groupBy ?? [],
      measures: measuresOf(query).map((measure) => ({ name: nameOf(measure), measure })),
    },
    rows: points.map(({ startMs, ...point }) => ({
      bucketStart: startMs === null ? null : new Date(startMs).toISOString(),
      bucketLabel: startMs === null || bucket === null ? null : labelOf(bucket, startMs, timeZone),
      ...point,
    })),
    ...rest,
  };
}

export function toFunnelAnswer({ timeZone }: RequestProject, query: FunnelQuery, answer: FunnelAnswer) {
  const { span, total, groups, other, ...rest } = answer;
  return {
    range: toRange(span),
    timeZone,
    steps: toSteps(query, total),
    groups: query.breakdown
      ? [
          ...groups.map((group) => ({ value: group.value, isOther: false, steps: toSteps(query, group) })),
          ...(other ? [{ value: null, isOther: true, steps: toSteps(query, other) }] : []),
        ]
      : null,
    ...rest,
  };
}

export function toRetentionAnswer(
  { timeZone }: RequestProject,
  query: RetentionQuery,
  { span, cohorts, ...rest }: RetentionAnswer,
) {
  return {
    range: toRange(span),
    timeZone,
    unit: query.unit,
    mode: query.mode ?? 'bounded',
    cohorts: cohorts.map(({ startMs, ...cohort }) => ({
      start: new Date(startMs).toISOString(),
      label: labelOf(query.unit, startMs, timeZone),
      ...cohort,
    })),
    ...rest,
  };
}

function toSteps({ steps }: FunnelQuery, { persons, medianMs }: FunnelGroup) {
  const share = (step: number, of: number | undefined) => (of ? (persons[step] ?? 0) / of : null);
  return steps.map(({ event }, step) => ({
    event,
    persons: persons[step] ?? 0,
    ofPrevious: step === 0 ? null : share(step, persons[step - 1]),
    ofFirst: share(step, persons[0]),
    medianMs: medianMs[step] ?? null,
  }));
}

/** A span as the API shows it. */
export function toRange({ fromMs, toMs }: Span) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
