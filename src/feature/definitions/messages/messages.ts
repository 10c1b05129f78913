import { SYSTEM_EVENTS } from '../../../kernel/event.js';
import {
  counted,
  defineFeatureFamily,
  last,
  measured,
  overWindows,
  ratio,
} from '../../core/feature-family.js';

const DAYS = [7, 30, 90];
const SENT = { event: SYSTEM_EVENTS.messageSent };
const OPENED = { event: SYSTEM_EVENTS.messageOpened };
const CLICKED = { event: SYSTEM_EVENTS.linkClicked };

export const messages = defineFeatureFamily({
  name: 'messages',
  description: 'How a user answers to messages.',
  features: () => [
    ...overWindows('messages_sent', DAYS, (days) => ({
      description: `Messages sent to the user in the last ${days} days.`,
      value: counted(last(days), SENT),
    })),
    ...overWindows('messages_opened', DAYS, (days) => ({
      description: `Times that the user opened a message in the last ${days} days.`,
      value: counted(last(days), OPENED),
    })),
    ...overWindows('links_clicked', DAYS, (days) => ({
      description: `Clicks of the user on links of messages in the last ${days} days.`,
      value: counted(last(days), CLICKED),
    })),
    ...overWindows('open_rate', [30, 90], (days) => ({
      description: `Openings per message sent, of the last ${days} days.`,
      value: ratio(counted(last(days), OPENED), counted(last(days), SENT)),
    })),
    ...overWindows('click_rate', [30, 90], (days) => ({
      description: `Clicks per message sent, of the last ${days} days.`,
      value: ratio(counted(last(days), CLICKED), counted(last(days), SENT)),
    })),
    {
      name: 'days_since_last_message',
      description: 'Days from the last message sent to the cutoff.',
      value: measured({ fn: 'days_since_last' }, 'all_time', SENT),
    },
    {
      name: 'days_since_last_click',
      description: 'Days from the last click on a link of a message to the cutoff.',
      value: measured({ fn: 'days_since_last' }, 'all_time', CLICKED),
    },
  ],
});
