/** Why an embedded engine cannot start; the message is one sentence that says what is wrong and what to do. */
export class EngineStartError extends Error {}

/** An engine failed before it served; `lines` is the last of what it said. */
export class EngineFailure extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}
