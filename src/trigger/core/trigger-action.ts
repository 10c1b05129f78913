import type { z } from 'zod';
import type { Effect } from '../../kernel/effects.js';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { TriggerEvent } from './trigger-event.js';

/** A trigger that fired for one user, as an action sees it. */
export interface TriggerMatch {
  projectId: ProjectId;
  userId: UserId;
  trigger: { id: string; name: string; version: number };
  /** The event that fired the trigger, or that opened the wait which has now ended. */
  event: TriggerEvent;
  /** Key of the action's effect, the same however often it is planned; several effects append to it. */
  dedupeKey: string;
}

/** Something a trigger can do. `plan` is pure: it says what should happen, the owning stage makes it happen. */
export interface TriggerActionDefinition<P extends z.ZodObject = z.ZodObject> {
  /** The `type` of the action in a rule; stored in the database, so never renamed. */
  name: string;
  /** Fields of the action beside `type`. */
  params: P;
  /** Valid parameters: for the documentation and for the contract suite. */
  example: z.input<P>;
  plan(match: TriggerMatch, params: z.output<P>): Effect[];
}

export function defineTriggerAction<P extends z.ZodObject>(
  definition: TriggerActionDefinition<P>,
): TriggerActionDefinition<P> {
  return Object.freeze(definition);
}

/** What is wrong with a set of registered actions; null where nothing is. */
export function findRegistryFault(actions: readonly TriggerActionDefinition[]): string | null {
  const seen = new Set<string>();
  for (const { name, params } of actions) {
    if (!/^[a-z][a-z0-9_]{0,49}$/.test(name)) {
      return `A trigger action has the name "${name}": use lower-case letters, digits and _.`;
    }
    if (seen.has(name)) return `Two trigger actions have the name ${name}: rename one.`;
    if ('type' in params.shape) return `The trigger action ${name} has a parameter "type": rename it.`;
    seen.add(name);
  }
  return null;
}
