import { z } from 'zod';
import { defineChannel } from '../../core/channel.js';

/** Sends nothing: writes one log line per message and accepts it. For development and for trying a campaign. */
export const logChannel = defineChannel({
  name: 'log',
  title: 'Log (development)',
  settings: z.strictObject({}),
  secretSettings: [],
  defaults: () => ({}),
  address: z.string().trim().min(1).max(320),
  addressProperty: 'email',
  concurrency: 50,
  async send(message, _settings, deps) {
    deps.log(
      { messageId: message.id, subjectLength: message.content.subject.length },
      'message of the log channel',
    );
    return { kind: 'accepted', providerMessageId: null };
  },
});
