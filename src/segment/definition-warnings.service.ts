import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { ANY_EVENT, type SegmentDefinition } from './core/condition.js';
import { findEmptyWindows } from './core/empty-windows.js';
import { eventPointers } from './core/event-pointers.js';
import { expectedTypes } from './core/expected-types.js';
import { type NamedProperty, propertyPointers } from './core/property-pointers.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { EventNames } from './data/event-names.js';
import { PropertyNames } from './data/property-names.js';
import { PropertyTypes } from './data/property-types.js';
import { SegmentValues } from './segment-values.service.js';

export const WARNING_CODES = [
  'unknown_event',
  'unknown_property',
  'unknown_profile_property',
  'type_never_matches',
  'window_in_future',
  'window_empty',
  'no_values',
  'stale_values',
  'old_values',
  'missing_feature',
] as const;

/** Something in a definition that is allowed, and probably not what was meant. */
export interface DefinitionWarning {
  pointer: string;
  code: (typeof WARNING_CODES)[number];
  detail: string;
}

/** A definition may name very many: the types of the first ones are looked up. */
const MAX_TYPES = 20;

/** Finds what in a definition is allowed, and yet can hardly be meant. */
@Injectable()
export class DefinitionWarnings {
  constructor(
    private readonly clock: Clock,
    private readonly eventNames: EventNames,
    private readonly propertyNames: PropertyNames,
    private readonly propertyTypes: PropertyTypes,
    private readonly values: SegmentValues,
  ) {}

  async find(
    project: { id: ProjectId; timeZone: string },
    definition: AnyDefinition,
  ): Promise<DefinitionWarning[]> {
    // ClickHouse itself says what SQL names in vain, but for events and properties.
    if (isSql(definition)) return [];
    const named = eventPointers(definition.where, '/definition/where').filter(
      ({ event }) => event !== ANY_EVENT,
    );
    const unknown = await this.eventNames.findUnknown(
      project.id,
      named.map(({ event }) => event),
    );
    const properties = propertyPointers(definition.where, '/definition/where').filter(
      ({ event }) => event === null || !unknown.has(event),
    );
    const unknownProperties = await this.propertyNames.findUnknown(project.id, properties);
    const unheardOf = new Set(unknownProperties.map(({ pointer }) => pointer));
    const known = properties.filter(({ pointer }) => !unheardOf.has(pointer));
    return [
      ...named
        .filter(({ event }) => unknown.has(event))
        .map(({ event, pointer }) => ({
          pointer,
          code: 'unknown_event' as const,
          detail: `No event ${event} was ever received.${hint(unknown.get(event) ?? null)}`,
        })),
      ...unknownProperties.map(({ pointer, property, event, nearest }) => ({
        pointer,
        code: event === null ? ('unknown_profile_property' as const) : ('unknown_property' as const),
        detail: `Nothing has a property ${property} here.${hint(nearest)}`,
      })),
      ...(await this.mismatches(project.id, definition, known)),
      ...(await this.values.warn(project.id, definition, this.clock.now())).map(
        ({ pointer, code, detail }) => ({
          pointer,
          code,
          detail,
        }),
      ),
      ...findEmptyWindows(definition, { asOf: this.clock.now(), timeZone: project.timeZone }),
    ];
  }

  private async mismatches(
    projectId: ProjectId,
    definition: SegmentDefinition,
    known: readonly NamedProperty[],
  ): Promise<DefinitionWarning[]> {
    const warnings: DefinitionWarning[] = [];
    for (const named of known.slice(0, MAX_TYPES)) {
      const types = expectedTypes(definition, named.pointer);
      const actual = types && (await this.propertyTypes.findMismatch(projectId, { ...named, types }));
      if (!types || !actual) continue;
      warnings.push({
        pointer: named.pointer,
        code: 'type_never_matches',
        detail: `The property ${named.property} is a ${actual} here, and never a ${types.join(' or a ')}: this matches nothing.`,
      });
    }
    return warnings;
  }
}

function hint(nearest: string | null): string {
  return nearest === null ? '' : ` The name most like it is ${nearest}.`;
}
