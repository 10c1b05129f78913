import { z } from 'zod';
import { defineTriggerAction } from '../../core/trigger-action.js';

/** Asks for one message from a template; recall and the send ledger decide whether it goes out. */
export const sendMessage = defineTriggerAction({
  name: 'send_message',
  params: z.strictObject({
    templateId: z.string().min(1).max(100),
    channel: z.string().min(1).max(50).describe('Name of a channel, such as email'),
    variables: z
      .record(z.string().min(1).max(100), z.json())
      .default({})
      .describe('Values for the template, beside `event` and `trigger`'),
  }),
  example: { templateId: 'tpl_01hzy3v7k8e9m0n1p2q3r4s5t6', channel: 'email', variables: { discount: 10 } },
  plan: (match, params) => [
    {
      kind: 'request_message',
      projectId: match.projectId,
      userId: match.userId,
      templateId: params.templateId,
      channel: params.channel,
      origin: match.trigger.id,
      dedupeKey: match.dedupeKey,
      variables: {
        ...params.variables,
        event: {
          name: match.event.name,
          time: new Date(match.event.time).toISOString(),
          properties: match.event.properties,
        },
        trigger: { id: match.trigger.id, name: match.trigger.name },
      },
    },
  ],
});
