import { z } from 'zod';
import { isId } from '../../kernel/ids.js';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';

const NAME = STORABLE_TEXT.min(1).max(200);
const FEATURE = STORABLE_TEXT.min(1).max(63);
const MAX_FEATURES = 400;

const INPUTS = z
  .union([
    z.strictObject({
      tensor: z
        .array(FEATURE)
        .min(1)
        .max(MAX_FEATURES)
        .refine((names) => new Set(names).size === names.length, 'must not name a feature twice')
        .describe('The model has one input, a tensor [users, features] with these features in this order'),
    }),
    z.strictObject({
      columns: z
        .record(NAME, FEATURE)
        .refine((columns) => Object.keys(columns).length > 0, 'must have an input')
        .refine(
          (columns) => Object.keys(columns).length <= MAX_FEATURES,
          `may have at most ${MAX_FEATURES} inputs`,
        )
        .describe('The model has an input [users, 1] or [users] for each feature: its name, and the feature'),
    }),
  ])
  .describe('Which features of the set go in, and how');

const MISSING = z
  .union([
    z.enum(['nan', 'leave_out']),
    z.strictObject({
      value: z.number(),
      features: z.record(FEATURE, z.number()).optional().describe('Values of single features, by name'),
    }),
  ])
  .describe(
    'What goes in where a user has no value. nan: not a number, which trees take; leave_out: such a user gets no score; { "value": 0 }: that number',
  );

const OUTPUT = z.strictObject({
  name: NAME,
  column: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .describe('Which of the two columns says that a user is gone, where there are two'),
  transform: z
    .enum(['none', 'sigmoid'])
    .default('none')
    .describe('sigmoid makes a probability of a model that gives log-odds'),
});

/** A model that was trained elsewhere, and scores the users of the snapshots of a feature set. */
export const ONNX = z.strictObject({
  kind: z.literal('onnx'),
  featureSet: z
    .string()
    .refine((text) => isId('featureSet', text), 'must be the id of a feature set, fst_…')
    .describe('Its snapshots are scored; its labels, if it has any, judge the model'),
  inputs: INPUTS,
  missing: MISSING.default('nan'),
  output: OUTPUT,
});
export type OnnxDefinition = z.infer<typeof ONNX>;

/** The features that a model asks for, in the order of the columns that it is given. */
export function featuresAsked({ inputs }: OnnxDefinition): string[] {
  return 'tensor' in inputs ? inputs.tensor : Object.values(inputs.columns);
}

/** JSON Pointer to where a definition names a feature, by its place in `featuresAsked`. */
export function pointerToFeature({ inputs }: OnnxDefinition, place: number): string {
  if ('tensor' in inputs) return `/definition/inputs/tensor/${place}`;
  const name = Object.keys(inputs.columns)[place] ?? '';
  return `/definition/inputs/columns/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What goes in where a user has no value, for each column; null: such a user is left out. */
export function fillsOf(definition: OnnxDefinition): number[] | null {
  const { missing } = definition;
  if (missing === 'leave_out') return null;
  return featuresAsked(definition).map((name) =>
    missing === 'nan' ? Number.NaN : (missing.features?.[name] ?? missing.value),
  );
}
