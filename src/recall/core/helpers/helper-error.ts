/** A helper got a value that it cannot show; the message is held with `template_error` and this text. */
export class HelperError extends Error {}
