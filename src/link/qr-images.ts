import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import QRCode from 'qrcode';

export const QR_FORMATS = ['png', 'svg'] as const;
export type QrFormat = (typeof QR_FORMATS)[number];

export interface QrOptions {
  /** Width and height in pixels. */
  size: number;
  /** Quiet zone in modules; readers want 4. */
  margin: number;
  level: 'L' | 'M' | 'Q' | 'H';
  /** Six hex digits. */
  color: string;
  /** Six hex digits. */
  background: string;
}

export interface QrImage {
  contentType: string;
  /** With its quotes. */
  etag: string;
  body: Buffer;
}

/** Drawing the largest PNG takes some tens of milliseconds: the same one is drawn once. */
const CACHE_BYTES = 16 * 1024 * 1024;

@Injectable()
export class QrImages {
  private readonly drawn = new LRUCache<string, QrImage>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ body }) => body.length + 200,
  });

  async draw(text: string, format: QrFormat, options: QrOptions): Promise<QrImage> {
    const etag = toEtag(text, format, options);
    const known = this.drawn.get(etag);
    if (known) return known;
    const settings = {
      width: options.size,
      margin: options.margin,
      errorCorrectionLevel: options.level,
      color: { dark: `#${options.color}ff`, light: `#${options.background}ff` },
    };
    const image: QrImage =
      format === 'png'
        ? { contentType: 'image/png', etag, body: await QRCode.toBuffer(text, { ...settings, type: 'png' }) }
        : {
            contentType: 'image/svg+xml',
            etag,
            body: Buffer.from(await QRCode.toString(text, { ...settings, type: 'svg' })),
          };
    this.drawn.set(etag, image);
    return image;
  }
}

function toEtag(text: string, format: QrFormat, options: QrOptions): string {
  const { size, margin, level, color, background } = options;
  const drawing = JSON.stringify([text, format, size, margin, level, color, background]);
  return `"${createHash('sha256').update(drawing).digest('base64url').slice(0, 27)}"`;
}
