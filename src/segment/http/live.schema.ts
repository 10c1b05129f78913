import { z } from 'zod';
import { pageOf } from '../../platform/http-server/paging.js';
import { KAFKA_FAULTS } from '../../platform/kafka/kafka-fault.js';

const INSTANT = z.iso.datetime();
const USER_ID = z.string().describe('usr_<number>');

export const CHANGE_PAGE = pageOf(
  z.object({
    userId: USER_ID,
    change: z.enum(['entered', 'exited']),
    at: INSTANT.describe('The moment that the members were computed for'),
    source: z.enum(['run', 'live']).describe('What found it'),
    runId: z.string().nullable(),
    version: z.number().int().describe('Version of the segment'),
  }),
);

export const STREAM_STATE = z.object({
  topic: z.string().nullable().describe('null: changes are not streamed'),
  waitingBatches: z.number().int().describe('Batches of changes that are not written yet'),
  waitingSince: INSTANT.nullable().describe('When the oldest of them was found'),
  failure: z
    .object({
      reason: z.enum(KAFKA_FAULTS),
      message: z.string(),
      failures: z.number().int().describe('In a row'),
      failedAt: INSTANT,
      nextAttemptAt: INSTANT,
    })
    .nullable()
    .describe('Why nothing is written now'),
});

export const LIVE_STATE = z.object({
  state: z.enum(['building', 'current']),
  asOf: INSTANT.nullable().describe('The moment of the last update; null before the first one'),
  memberCount: z.number().int().nullable(),
  error: z.string().nullable().describe('Why the last update failed, where it did'),
});
