import type { ProjectId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { CampaignState } from './campaign-state.js';
import type { SendWindow } from './send-window.js';

/** `on_segment_run`: at every finished run of the segment. `once`: on one run, made at a moment. */
export const SCHEDULES = ['on_segment_run', 'once'] as const;
export type CampaignSchedule = (typeof SCHEDULES)[number];

/** How often one user may get the campaign: once ever, at every run, or again after some days. */
export type Reentry = 'once' | 'every_run' | { afterDays: number };

/** At most `limit` messages of the channel per user within the window, of whatever origin. */
export interface FrequencyCap {
  limit: number;
  windowDays: number;
}

export interface CampaignSettings {
  name: string;
  segmentId: string;
  templateId: string;
  channel: string;
  schedule: CampaignSchedule;
  /** For `once`: when, ms since 1970. */
  sendAt: number | null;
  reentry: Reentry;
  frequencyCap: FrequencyCap | null;
  /** Whole percent, 0 to 50. */
  controlPercent: number;
  returnWindowHours: number;
  sendWindow: SendWindow | null;
  /** Sender as in a mail's From; null for that of the channel. */
  sender: string | null;
  /** Values for the template, the same for every recipient. */
  variables: JsonObject;
}

export interface Campaign extends CampaignSettings {
  id: string;
  projectId: ProjectId;
  state: CampaignState;
  requestedRunId: string | null;
  createdAt: number;
  updatedAt: number;
  activatedAt: number | null;
}
