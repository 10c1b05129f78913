import { z } from 'zod';
import { formatUserId } from '../../../kernel/ids.js';
import { defineTriggerAction } from '../../core/trigger-action.js';

/** Asks for one signed POST that tells another service who did what. */
export const webhook = defineTriggerAction({
  name: 'webhook',
  params: z.strictObject({
    url: z
      .string()
      .max(2048)
      .refine(isWebAddress, 'must be an http:// or https:// address without user and password')
      .describe('Where to POST; http or https'),
    body: z
      .record(z.string().min(1).max(100), z.json())
      .default({})
      .describe('Sent as `data` beside trigger, user and event'),
  }),
  example: { url: 'https://hooks.example.com/winback', body: { list: 'winback' } },
  plan: (match, params) => [
    {
      kind: 'call_webhook',
      projectId: match.projectId,
      userId: match.userId,
      origin: match.trigger.id,
      url: params.url,
      dedupeKey: match.dedupeKey,
      body: {
        trigger: { id: match.trigger.id, name: match.trigger.name, version: match.trigger.version },
        userId: formatUserId(match.userId),
        event: {
          id: match.event.eventId,
          name: match.event.name,
          time: new Date(match.event.time).toISOString(),
          receivedAt: new Date(match.event.receivedAt).toISOString(),
          properties: match.event.properties,
        },
        data: params.body,
      },
    },
  ],
});

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}
