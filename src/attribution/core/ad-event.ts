/** Conversions that are told to ad networks: first open or install, sign-up, first payment. */
export const AD_EVENT_TYPES = ['activate', 'register', 'pay'] as const;
export type AdEventType = (typeof AD_EVENT_TYPES)[number];

/** Which events of a project count as which conversion; `activate` is always a user's first event. */
export interface AdEventMapping {
  register: readonly string[];
  pay: readonly string[];
  /** Numeric property of a payment event with the amount that is told to the network; null tells none. */
  payAmountProperty: string | null;
}

export const DEFAULT_AD_EVENT_MAPPING: AdEventMapping = {
  register: ['$SignUp'],
  pay: ['PayOrder'],
  payAmountProperty: null,
};
