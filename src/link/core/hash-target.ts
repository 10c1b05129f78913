import { createHash } from 'node:crypto';

/** Stands for a target in unique keys and look-ups: 128 bits of its SHA-256, as hex. */
export function hashTarget(href: string): string {
  return createHash('sha256').update(href).digest('hex').slice(0, 32);
}
