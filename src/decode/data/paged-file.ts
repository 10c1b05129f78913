import { fstatSync, openSync, readSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { ByteSource } from '../core/enrich/mmdb.js';

const PAGE_BYTES = 4_096;
const KEPT_PAGES = 1_024;

/**
 * A file read page by page, the last 4 MiB of pages kept. It is read at once and not by promise: a page comes out of
 * the system's cache in a few microseconds, less than the turn of the event loop that a promise costs.
 */
export class PagedFile implements ByteSource {
  readonly length: number;
  private readonly file: number;
  private readonly pages = new LRUCache<number, Buffer>({ max: KEPT_PAGES });

  /** @throws where the file cannot be opened */
  constructor(path: string) {
    this.file = openSync(path, 'r');
    this.length = fstatSync(this.file).size;
  }

  read(offset: number, length: number): Buffer {
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + length - 1) / PAGE_BYTES);
    const start = offset - first * PAGE_BYTES;
    if (last <= first) return this.page(first).subarray(start, start + length);
    const pages = [];
    for (let page = first; page <= last; page++) pages.push(this.page(page));
    return Buffer.concat(pages).subarray(start, start + length);
  }

  private page(number: number): Buffer {
    let page = this.pages.get(number);
    if (!page) {
      const bytes = Buffer.alloc(PAGE_BYTES);
      page = bytes.subarray(0, readSync(this.file, bytes, 0, PAGE_BYTES, number * PAGE_BYTES));
      this.pages.set(number, page);
    }
    return page;
  }
}
