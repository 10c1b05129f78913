import type { FeatureFamily } from '../core/feature-family.js';
import { activity } from './activity/activity.js';
import { daytime } from './daytime/daytime.js';
import { devices } from './devices/devices.js';
import { diversity } from './diversity/diversity.js';
import { gaps } from './gaps/gaps.js';
import { lifecycle } from './lifecycle/lifecycle.js';
import { messages } from './messages/messages.js';
import { pages } from './pages/pages.js';
import { recency } from './recency/recency.js';
import { sessions } from './sessions/sessions.js';
import { spend } from './spend/spend.js';
import { trends } from './trends/trends.js';

/** The library of features. A new family is a folder here and a line in this list. */
export const FEATURE_FAMILIES: readonly FeatureFamily[] = [
  activity,
  recency,
  sessions,
  gaps,
  trends,
  daytime,
  diversity,
  pages,
  devices,
  spend,
  messages,
  lifecycle,
];
