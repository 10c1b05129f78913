import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';

/** Addresses of links as the outside sees them: always from the configuration, never from a request's Host header. */
@Injectable()
export class LinkAddresses {
  constructor(private readonly config: Config) {}

  get base(): string {
    return this.config.publicUrl;
  }

  short(code: string): string {
    return `${this.base}/t/${code}`;
  }

  /** What a QR code holds: the visit is told apart as a scan. */
  scan(code: string): string {
    return `${this.short(code)}?s=q`;
  }

  qr(code: string): string {
    return `${this.base}/qr/${code}.svg`;
  }

  pixel(token: string): string {
    return `${this.base}/o/${token}.gif`;
  }
}
