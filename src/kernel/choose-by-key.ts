import type { z } from 'zod';
import { isJsonObject } from './json.js';

/**
 * Checks a value with the schema that its distinguishing key chooses, and reports that schema's issues only:
 * a plain union would report that no variant fits, and not which field is wrong.
 * @param what names the value in errors
 */
export function chooseByKey(
  what: string,
  variants: Record<string, z.ZodType>,
): (value: unknown, ctx: z.RefinementCtx) => void {
  const names = Object.keys(variants);
  return (value, ctx) => {
    const present = isJsonObject(value) ? names.filter((name) => Object.hasOwn(value, name)) : [];
    const variant = present.length === 1 ? variants[present[0] ?? ''] : undefined;
    if (variant) reportIssues(ctx, variant.safeParse(value));
    else ctx.addIssue({ code: 'custom', message: `${what} has exactly one of ${names.join(', ')}` });
  };
}

/** Hands the issues of an inner check to the outer one, which knows the path that leads here. */
export function reportIssues(ctx: z.RefinementCtx, result: z.ZodSafeParseResult<unknown>): void {
  for (const issue of result.error?.issues ?? [])
    ctx.addIssue({ ...issue } as Parameters<typeof ctx.addIssue>[0]);
}
