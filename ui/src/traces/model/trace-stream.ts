const quote = 0x22;
const backslash = 0x5c;
const decoder = new TextDecoder();

export type TraceParts = {
  /** Everything before the spans, as JSON of its own. Called once, before the first span. */
  head(json: string): void;
  span(json: string): void;
  log(json: string): void;
};

/**
 * Takes the answer of GET /api/traces/{id} apart while it arrives: one small JSON text per span and log, so that a hundred thousand of
 * them are never one text, and the first are shown before the last have come. Knows of JSON only strings, nesting, and the two lists.
 */
export class TraceStream {
  private readonly parts: TraceParts;
  private rest = new Uint8Array(0);
  private depth = 0;
  private inString = false;
  private escaped = false;
  private list: 'span' | 'log' | null = null;
  private headDone = false;
  /** Where the current element, or what is kept of the top level, begins in what is at hand. */
  private from = 0;
  private lastKey = '';
  private keyFrom = 0;

  constructor(parts: TraceParts) {
    this.parts = parts;
  }

  push(chunk: Uint8Array) {
    const bytes = this.rest.length === 0 ? chunk : joined(this.rest, chunk);
    let at = this.rest.length;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else if (byte === quote) {
          this.inString = false;
          if (this.depth === 1) this.lastKey = decoder.decode(bytes.subarray(this.keyFrom, at));
        }
      } else if (byte === quote) {
        this.inString = true;
        this.keyFrom = at + 1;
      } else if (byte === 0x7b || byte === 0x5b) this.open(bytes, at);
      else if (byte === 0x7d || byte === 0x5d) this.close(bytes, at);
    }
    this.rest = bytes.slice(this.from);
    this.keyFrom -= this.from;
    this.from = 0;
  }

  private open(bytes: Uint8Array, at: number) {
    this.depth++;
    if (this.depth === 2 && bytes[at] === 0x5b && (this.lastKey === 'spans' || this.lastKey === 'logs')) {
      this.list = this.lastKey === 'spans' ? 'span' : 'log';
      if (!this.headDone) {
        this.parts.head(`${decoder.decode(bytes.subarray(this.from, at))}[]}`);
        this.headDone = true;
      }
      this.from = at + 1;
    } else if (this.depth === 3 && this.list) this.from = at;
  }

  private close(bytes: Uint8Array, at: number) {
    this.depth--;
    if (!this.list) return;
    if (this.depth === 2) {
      this.parts[this.list](decoder.decode(bytes.subarray(this.from, at + 1)));
      this.from = at + 1;
    } else if (this.depth === 1) {
      this.list = null;
      this.from = at + 1;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
