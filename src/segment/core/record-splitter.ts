const QUOTE = 0x22;
const LINE_FEED = 0x0a;
/** Longest record; a quote that nothing closes is noticed after so many characters. */
export const MAX_RECORD_LENGTH = 16 * 1024;
/** What may stand before a quote that opens a value. */
const DELIMITERS = new Set([',', ';', '\t'].map((text) => text.charCodeAt(0)));

/** One record of a file, which is a line, or several where a quoted value holds line breaks. */
export interface FileRecord {
  /** Number of its first line, from 1. */
  line: number;
  /** Without the line break; null where the record is too long, or a quote in its line is never closed. */
  text: string | null;
}

/** Cuts a file that comes in pieces into records, holding no more than one record and one piece. */
export class RecordSplitter {
  private rest = '';
  /** How far `rest` was looked through. */
  private at = 0;
  private start = 0;
  private line = 1;
  private lineBreaks = 0;
  private isQuoted = false;
  private isSkipping = false;

  /** @param hasQuotes quoted values may hold line breaks, as in CSV */
  constructor(private readonly hasQuotes: boolean) {}

  push(text: string): FileRecord[] {
    this.rest += text;
    const found: FileRecord[] = [];
    for (; this.at < this.rest.length; this.at++) this.look(found);
    this.rest = this.rest.slice(this.start);
    this.at -= this.start;
    this.start = 0;
    return found;
  }

  /** What is left at the end of the file. */
  end(): FileRecord[] {
    const found = this.push('');
    while (this.isQuoted && this.at > this.start) {
      this.giveUp(found);
      for (this.at++; this.at < this.rest.length; this.at++) this.look(found);
    }
    if (this.rest.length > this.start) this.take(found);
    return found;
  }

  private look(found: FileRecord[]): void {
    const code = this.rest.charCodeAt(this.at);
    if (code === LINE_FEED && !this.isQuoted) this.take(found);
    else if (code === LINE_FEED) this.lineBreaks++;
    else if (code === QUOTE && this.hasQuotes) this.isQuoted = !this.isQuoted && this.mayOpen();
    if (this.at - this.start > MAX_RECORD_LENGTH) this.giveUp(found);
  }

  /** A quote opens a value at its beginning only; one behind another stands for a quote in the value. */
  private mayOpen(): boolean {
    if (this.at === this.start) return true;
    const before = this.rest.charCodeAt(this.at - 1);
    return before === QUOTE || DELIMITERS.has(before);
  }

  private take(found: FileRecord[]): void {
    const text = this.rest.slice(this.start, this.at).replace(/\r$/, '');
    if (!this.isSkipping) found.push({ line: this.line, text });
    this.isSkipping = false;
    this.isQuoted = false;
    this.line += this.lineBreaks + 1;
    this.lineBreaks = 0;
    this.start = this.at + 1;
  }

  /** Leaves out the present line: the next record begins behind it. */
  private giveUp(found: FileRecord[]): void {
    if (!this.isSkipping) found.push({ line: this.line, text: null });
    const end = this.rest.indexOf('\n', this.start);
    const isWhole = end >= 0 && end <= this.at;
    this.isSkipping = !isWhole;
    this.isQuoted = false;
    this.lineBreaks = 0;
    if (isWhole) {
      this.line++;
      this.at = end;
    }
    this.start = this.at + 1;
  }
}
