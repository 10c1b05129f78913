import type { Effect } from '../../kernel/effects.js';
import type { UserId } from '../../kernel/ids.js';
import type { TriggerVersion } from './rule.js';
import type { TriggerActionDefinition } from './trigger-action.js';
import type { TriggerEvent } from './trigger-event.js';

/** A trigger that fires for one user. */
export interface Firing {
  trigger: Pick<TriggerVersion, 'triggerId' | 'version' | 'projectId' | 'name' | 'rule'>;
  userId: UserId;
  event: TriggerEvent;
}

/**
 * What the actions of a rule ask for, in their order.
 * Each action's key is `trigger:<trigger>:<event>:<index>`, so planning it again asks for the same thing.
 * @throws for an action that is not registered
 */
export function planActions(actions: readonly TriggerActionDefinition[], firing: Firing): Effect[] {
  const { trigger, userId, event } = firing;
  return trigger.rule.actions.flatMap(({ type, ...params }, index) => {
    const action = actions.find(({ name }) => name === type);
    if (!action) throw new Error(`The trigger ${trigger.triggerId} has the unknown action ${type}.`);
    const match = {
      projectId: trigger.projectId,
      userId,
      trigger: { id: trigger.triggerId, name: trigger.name, version: trigger.version },
      event,
      dedupeKey: `trigger:${trigger.triggerId}:${event.eventId}:${index}`,
    };
    return action.plan(match, action.params.parse(params));
  });
}
