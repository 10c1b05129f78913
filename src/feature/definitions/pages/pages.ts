import { counted, defineFeatureFamily, last, measured, overWindows } from '../../core/feature-family.js';

/** Page and screen views of the SensorsData SDKs. */
const VIEWS = { event: ['$pageview', '$AppViewScreen', '$MPViewScreen'] };
const OVER_PATH = { property: '$url_path' };

export const pages = defineFeatureFamily({
  name: 'pages',
  description: 'Views of pages and screens ($pageview, $AppViewScreen, $MPViewScreen).',
  features: () => [
    ...overWindows('views', [1, 7, 14, 30, 60, 90], (days) => ({
      description: `Views of pages and screens in the last ${days} days.`,
      value: counted(last(days), VIEWS),
    })),
    ...overWindows('page_kinds', [7, 30, 90], (days) => ({
      description: `Different pages ($url_path) viewed in the last ${days} days.`,
      value: measured({ fn: 'distinct', over: OVER_PATH }, last(days), VIEWS),
    })),
    ...overWindows('page_entropy', [30, 90], (days) => ({
      description: `How evenly the views of the last ${days} days spread over pages ($url_path).`,
      value: measured({ fn: 'entropy', over: OVER_PATH }, last(days), VIEWS),
    })),
  ],
});
