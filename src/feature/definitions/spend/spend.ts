import type { EventFeature, Measure, Window } from '../../core/feature.js';
import {
  counted,
  defineFeatureFamily,
  last,
  lastBefore,
  measured,
  overWindows,
  ratio,
} from '../../core/feature-family.js';
import type { FeatureSettings } from '../../core/feature-settings.js';

const DAYS = [7, 14, 30, 60, 90];

export const spend = defineFeatureFamily({
  name: 'spend',
  description: 'What a user pays: needs `spend` in the settings of features.',
  features: ({ spend: payment }: FeatureSettings) => {
    const orders = (window: Window, measure: Measure = { fn: 'count' }): EventFeature | null =>
      payment && measured(measure, window, { event: payment.event });
    const amounts = (fn: 'sum' | 'avg' | 'max' | 'stddev', window: Window) =>
      payment && orders(window, { fn, property: payment.property });
    return [
      ...overWindows('orders', DAYS, (days) => ({
        description: `Payments of the last ${days} days.`,
        value: orders(last(days)),
      })),
      ...overWindows('spend', DAYS, (days) => ({
        description: `Sum of the payments of the last ${days} days.`,
        value: amounts('sum', last(days)),
      })),
      ...overWindows('spend_avg', [30, 90], (days) => ({
        description: `Mean payment of the last ${days} days.`,
        value: amounts('avg', last(days)),
      })),
      ...overWindows('spend_stddev', [90], (days) => ({
        description: `Spread of the payments of the last ${days} days.`,
        value: amounts('stddev', last(days)),
      })),
      ...overWindows('spend_max', [90], (days) => ({
        description: `Largest payment of the last ${days} days.`,
        value: amounts('max', last(days)),
      })),
      ...overWindows('orders_trend', [30], (days) => ({
        description: `Payments of the last ${days} days by those of the ${days} days before.`,
        value:
          payment &&
          ratio(
            counted(last(days), { event: payment.event }),
            counted(lastBefore(days), { event: payment.event }),
          ),
      })),
      {
        name: 'days_since_last_order',
        description: 'Days from the last payment to the cutoff.',
        value: orders('all_time', { fn: 'days_since_last' }),
      },
    ];
  },
});
