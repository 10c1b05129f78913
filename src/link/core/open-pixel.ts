import { isbot } from 'isbot';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { isId } from '../../kernel/ids.js';

/** The smallest transparent GIF: 43 bytes. */
export const PIXEL_GIF: Buffer = Buffer.from(
  'R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
  'base64',
);

/** Purpose of the pixel's signatures. */
export const PIXEL_PURPOSE = 'open-pixel';
/** 22 characters of base64url are 132 bits. */
export const PIXEL_SIGNATURE_LENGTH = 22;

export interface PixelMessage {
  projectId: ProjectId;
  userId: UserId;
  messageId: string;
}

/** What is signed; the token is this, a dot and the signature. */
export function toPixelPayload(message: PixelMessage): string {
  return `${message.projectId}.${message.userId}.${message.messageId}`;
}

/**
 * Takes a token apart. Nothing is true about the message before the signature has been checked.
 * @returns null where the text has another form
 */
export function parsePixelToken(
  token: string,
): { payload: string; signature: string; message: PixelMessage } | null {
  const match = /^(([1-9]\d{0,9})\.(0|[1-9]\d{0,15})\.(msg_[0-9a-z]{26}))\.([A-Za-z0-9_-]{22})$/.exec(token);
  if (!match) return null;
  const [, payload = '', projectId = '', userId = '', messageId = '', signature = ''] = match;
  if (!isId('message', messageId) || !Number.isSafeInteger(Number(userId))) return null;
  return { payload, signature, message: { projectId: Number(projectId), userId: Number(userId), messageId } };
}

/** Fetches of whole mailboxes' pictures, whoever reads or does not read the mail. */
const MACHINE_OPENERS = /GoogleImageProxy|YahooMailProxy|ggpht\.com/i;

/**
 * Whether a machine loaded the pixel: Apple's Mail Privacy Protection (its user agent is `Mozilla/5.0` and nothing
 * else), the picture proxies of Gmail and Yahoo, and every known bot. It says nothing about the reader.
 */
export function isMachineOpen(userAgent: string | undefined): boolean {
  if (userAgent === undefined) return false;
  return userAgent.trim() === 'Mozilla/5.0' || MACHINE_OPENERS.test(userAgent) || isbot(userAgent);
}
