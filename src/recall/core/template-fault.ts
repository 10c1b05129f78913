/** Parts of a template, each a source of its own. */
export const TEMPLATE_PARTS = ['subject', 'html', 'text'] as const;
export type TemplatePart = (typeof TEMPLATE_PARTS)[number];

/** A template source that cannot be used; the message says what to change. */
export class TemplateFault extends Error {
  constructor(
    detail: string,
    /** Line in the source, from 1; null where the source as a whole is at fault. */
    readonly line: number | null,
  ) {
    super(line === null ? detail : `line ${line}: ${detail}`);
  }
}

export interface PartFault {
  part: TemplatePart;
  message: string;
}
