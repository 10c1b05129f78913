import { z } from 'zod';
import { pageOf } from '../../platform/http-server/paging.js';
import { FILE_STATES } from '../data/model-file.repository.js';

export const SEND_FILE = z.strictObject({
  trainedUntil: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      'No event at or after it was among the training data: only snapshots from then on judge the model',
    ),
});
export type SendFile = z.infer<typeof SEND_FILE>;

const INSTANT = z.iso.datetime();
const TENSOR = z.object({
  name: z.string(),
  type: z.string().nullable().describe('null: no tensor'),
  shape: z.array(z.union([z.number(), z.string()])).describe('A text where the size is free'),
});
export const MODEL_FILE = z.object({
  id: z.string(),
  modelId: z.string(),
  sha256: z.string(),
  sizeBytes: z.number().int(),
  trainedUntil: INSTANT.nullable(),
  state: z.enum(FILE_STATES),
  faults: z.array(z.object({ code: z.string(), detail: z.string() })).describe('Why it was refused'),
  shape: z
    .object({ inputs: z.array(TENSOR), outputs: z.array(TENSOR) })
    .nullable()
    .describe('What the model takes and gives; null where it could not be loaded'),
  createdAt: INSTANT,
  checkedAt: INSTANT.nullable(),
});
export const MODEL_FILE_PAGE = pageOf(MODEL_FILE);
