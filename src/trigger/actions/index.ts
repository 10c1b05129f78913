import type { TriggerActionDefinition } from '../core/trigger-action.js';
import { sendMessage } from './send-message/send-message.action.js';
import { webhook } from './webhook/webhook.action.js';

/** What triggers can do. A new action is a folder beside this file and one entry here. */
export const TRIGGER_ACTIONS: readonly TriggerActionDefinition[] = [sendMessage, webhook];
