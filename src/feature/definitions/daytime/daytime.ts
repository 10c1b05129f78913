import {
  counted,
  defineFeatureFamily,
  last,
  measured,
  overWindows,
  ratio,
} from '../../core/feature-family.js';

const DAYS = [30, 90];
const DAYPARTS = [
  { name: 'night', from: 0, to: 6 },
  { name: 'morning', from: 6, to: 12 },
  { name: 'afternoon', from: 12, to: 18 },
  { name: 'evening', from: 18, to: 24 },
];

export const daytime = defineFeatureFamily({
  name: 'daytime',
  description: 'When in the day and the week a user is active, in the time zone of the project.',
  features: () => [
    ...DAYPARTS.flatMap(({ name, from, to }) =>
      overWindows(`share_${name}`, DAYS, (days) => ({
        description: `Share of the own events of the last ${days} days from ${from} to ${to} o'clock.`,
        value: ratio(counted(last(days), { hours: { from, to } }), counted(last(days))),
      })),
    ),
    ...overWindows('share_weekend', DAYS, (days) => ({
      description: `Share of the own events of the last ${days} days on Saturdays and Sundays.`,
      value: ratio(counted(last(days), { weekdays: [6, 7] }), counted(last(days))),
    })),
    ...overWindows('hour_entropy', DAYS, (days) => ({
      description: `How spread over the hours of the day the own events of the last ${days} days are: 0 is always the same hour.`,
      value: measured({ fn: 'entropy', over: 'hour' }, last(days)),
    })),
  ],
});
