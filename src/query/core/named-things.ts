import type { PropertyFilter } from '../../kernel/property-filter.js';
import { type EventsQuery, measuresOf } from './events-query.js';
import type { FunnelQuery } from './funnel-query.js';
import type { Group } from './group.js';
import type { RetentionQuery } from './retention-query.js';

/** An event or a property that a query names, so that a name which nobody knows can be pointed at. */
export interface NamedThing {
  kind: 'event' | 'property' | 'profile';
  name: string;
  /** JSON Pointer into the request body. */
  pointer: string;
  /** For a property: of which events; null for any. */
  events: readonly string[] | null;
}

export function namedInEvents(query: EventsQuery): NamedThing[] {
  const events = query.events ?? null;
  return [
    ...toEvents(query.events ?? [], '/events'),
    ...toProperties(query.where, '/where', events),
    ...toProfile(query.profile),
    ...(query.groupBy ?? []).flatMap((group, index) => toGroup(group, `/groupBy/${index}`, events)),
    ...measuresOf(query).flatMap((measure, index) =>
      'property' in measure
        ? [
            {
              kind: 'property' as const,
              name: measure.property,
              pointer: `/measures/${index}/property`,
              events,
            },
          ]
        : [],
    ),
  ];
}

export function namedInFunnel(query: FunnelQuery): NamedThing[] {
  const first = query.steps[0]?.event ?? '';
  return [
    ...query.steps.flatMap(({ event, where }, index) => [
      { kind: 'event' as const, name: event, pointer: `/steps/${index}/event`, events: null },
      ...toProperties(where, `/steps/${index}/where`, [event]),
    ]),
    ...toProfile(query.profile),
    ...(query.breakdown ? toGroup(query.breakdown, '/breakdown', [first]) : []),
  ];
}

export function namedInRetention(query: RetentionQuery): NamedThing[] {
  const { event, where } = query.first;
  return [
    { kind: 'event', name: event, pointer: '/first/event', events: null },
    ...toProperties(where, '/first/where', [event]),
    ...toEvents(query.return?.events ?? [], '/return/events'),
    ...toProperties(query.return?.where, '/return/where', query.return?.events ?? null),
    ...toProfile(query.profile),
  ];
}

function toEvents(names: readonly string[], pointer: string): NamedThing[] {
  return names.map((name, index) => ({ kind: 'event', name, pointer: `${pointer}/${index}`, events: null }));
}

function toProperties(
  filters: readonly PropertyFilter[] = [],
  pointer: string,
  events: readonly string[] | null,
): NamedThing[] {
  return filters.map(({ property }, index) => ({
    kind: 'property',
    name: property,
    pointer: `${pointer}/${index}/property`,
    events,
  }));
}

function toProfile(filters: readonly PropertyFilter[] | undefined): NamedThing[] {
  return toProperties(filters, '/profile', null).map((thing) => ({ ...thing, kind: 'profile' }));
}

function toGroup(group: Group, pointer: string, events: readonly string[] | null): NamedThing[] {
  if (group.by !== 'property' && group.by !== 'profile') return [];
  return [
    {
      kind: group.by,
      name: group.property,
      pointer: `${pointer}/property`,
      events: group.by === 'profile' ? null : events,
    },
  ];
}
