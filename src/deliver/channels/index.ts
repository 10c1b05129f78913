import type { ChannelDefinition } from '../core/channel.js';
import { logChannel } from './log/log.js';
import { emailChannel } from './smtp/smtp.js';

/** Every channel there is. A new one is a folder beside this file and a line here. */
export const CHANNELS = [emailChannel, logChannel] as readonly ChannelDefinition[];
