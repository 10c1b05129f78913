import { defineFeatureFamily, last, measured, overWindows } from '../../core/feature-family.js';

const PROPERTIES = [
  { stem: 'devices', property: '$device_id', what: 'devices ($device_id)' },
  { stem: 'systems', property: '$os', what: 'operating systems ($os)' },
  { stem: 'browsers', property: '$browser', what: 'browsers ($browser)' },
  { stem: 'cities', property: '$city', what: 'cities ($city)' },
  { stem: 'sources', property: '$utm_source', what: 'campaign sources ($utm_source)' },
];

export const devices = defineFeatureFamily({
  name: 'devices',
  description: 'On how many devices, and over how many channels, a user comes.',
  features: () =>
    PROPERTIES.flatMap(({ stem, property, what }) =>
      overWindows(stem, [30, 90], (days) => ({
        description: `Different ${what} in the last ${days} days.`,
        value: measured({ fn: 'distinct', over: { property } }, last(days)),
      })),
    ),
});
