import { EventKind, kindNumber, Mark, type Points, statusNumber, type TraceColumns } from './columns';
import { criticalPath } from './critical-path';
import type { LogRecord, Span, TraceHead } from './trace-types';

type Marks = { span: number; time: number; kind: number };

/** Collects spans and logs as they come; `columns` makes of them what there is so far. */
export class TraceBuilder {
  readonly head: TraceHead;
  /** The JSON of each span and log, for details and search. */
  readonly spanTexts: string[] = [];
  readonly logs: LogRecord[] = [];
  private readonly origin: bigint;
  private readonly ids: string[] = [];
  private readonly numbers: number[] = [];
  private readonly services = new Dictionary();
  private readonly names = new Dictionary();
  private readonly resources = new Dictionary();
  private readonly byId = new Map<string, number>();
  private readonly events: Marks[] = [];

  constructor(head: TraceHead) {
    this.head = head;
    this.origin = BigInt(head.startUnixNano || '0');
  }

  get count() {
    return this.ids.length;
  }

  addSpan(text: string) {
    const span = JSON.parse(text) as Span;
    const at = this.ids.length;
    this.spanTexts.push(text);
    this.ids.push(span.spanId);
    if (!this.byId.has(span.spanId)) this.byId.set(span.spanId, at);
    const skewed = this.head.resources[span.resource]?.clockSkew ? Mark.skewed : 0;
    this.numbers.push(
      span.depth,
      this.relative(span.startUnixNano),
      span.durationNano,
      this.services.number(span.service),
      this.names.number(span.name),
      this.resources.number(span.resource),
      kindNumber(span.kind),
      statusNumber(span.status),
      (span.orphan ? Mark.orphan : 0) |
        (span.cycle ? Mark.cycle : 0) |
        (span.sharedId ? Mark.sharedId : 0) |
        (span.quarantined ? Mark.quarantined : 0) |
        (span.droppedAttributes || span.droppedEvents || span.droppedLinks ? Mark.dropped : 0) |
        skewed,
      span.links?.length ?? 0,
    );
    for (const event of span.events ?? [])
      this.events.push({
        span: at,
        time: this.relative(event.timeUnixNano),
        kind: event.name === 'exception' ? EventKind.exception : EventKind.event,
      });
  }

  addLog(text: string) {
    this.logs.push(JSON.parse(text) as LogRecord);
  }

  indexOf(spanId: string): number {
    return this.byId.get(spanId) ?? -1;
  }

  columns(): TraceColumns {
    const count = this.count;
    const column = <T extends Int32Array | Uint16Array | Uint32Array | Uint8Array | Float64Array>(array: T, field: number): T => {
      for (let i = 0; i < count; i++) array[i] = this.numbers[i * fields + field]!;
      return array;
    };
    const depth = column(new Uint16Array(count), 0);
    const { parent, size } = tree(depth);
    const start = column(new Float64Array(count), 1);
    const duration = column(new Float64Array(count), 2);
    const status = column(new Uint8Array(count), 7);
    const marks = column(new Uint16Array(count), 8);
    markErrorsBelow(parent, status, marks);
    const shape = { count, parent, size, start, duration };
    const offsets = Float64Array.from(this.resources.words, (id) => this.head.resources[id]?.clockSkew?.offsetNano ?? 0);
    return {
      ...shape,
      depth,
      self: ownTimes(shape),
      service: column(new Uint16Array(count), 3),
      name: column(new Uint32Array(count), 4),
      resource: column(new Uint16Array(count), 5),
      kind: column(new Uint8Array(count), 6),
      status,
      marks,
      links: column(new Uint16Array(count), 9),
      critical: criticalPath(shape),
      events: points(count, this.events),
      logs: points(count, this.logMarks()),
      ids: [...this.ids],
      services: [...this.services.words],
      names: [...this.names.words],
      offsets,
    };
  }

  private logMarks(): Marks[] {
    return this.logs.flatMap((log) => {
      const span = log.spanId ? this.indexOf(log.spanId) : -1;
      return span < 0 ? [] : [{ span, time: this.relative(log.timeUnixNano), kind: log.severity }];
    });
  }

  private relative(time: string): number {
    return Number(BigInt(time) - this.origin);
  }
}

const fields = 10;

class Dictionary {
  readonly words: string[] = [];
  private readonly numbers = new Map<string, number>();

  number(word: string): number {
    let number = this.numbers.get(word);
    if (number === undefined) {
      number = this.words.length;
      this.words.push(word);
      this.numbers.set(word, number);
    }
    return number;
  }
}

/** Parents and sizes from the depths of a walk that meets parents first. */
function tree(depth: Uint16Array): { parent: Int32Array; size: Int32Array } {
  const count = depth.length;
  const parent = new Int32Array(count).fill(-1);
  const size = new Int32Array(count).fill(1);
  const path: number[] = [];
  for (let i = 0; i < count; i++) {
    path.length = Math.min(path.length, depth[i]!);
    parent[i] = path.at(-1) ?? -1;
    path.push(i);
  }
  for (let i = count - 1; i >= 0; i--) if (parent[i]! >= 0) size[parent[i]!]! += size[i]!;
  return { parent, size };
}

function markErrorsBelow(parent: Int32Array, status: Uint8Array, marks: Uint16Array) {
  for (let i = parent.length - 1; i >= 0; i--) {
    const above = parent[i]!;
    if (above >= 0 && (status[i] === 2 || marks[i]! & Mark.errorBelow)) marks[above]! |= Mark.errorBelow;
  }
}

export type Shape = Pick<TraceColumns, 'count' | 'parent' | 'size' | 'start' | 'duration'>;

/** What remains of each span when the union of its children's times is taken out. */
function ownTimes({ count, size, start, duration }: Shape): Float64Array {
  const self = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const end = start[i]! + Math.max(0, duration[i]!);
    const spans: [number, number][] = [];
    for (let child = i + 1; child < i + size[i]!; child += size[child]!) {
      const from = Math.max(start[child]!, start[i]!);
      const to = Math.min(start[child]! + Math.max(0, duration[child]!), end);
      if (to > from) spans.push([from, to]);
    }
    spans.sort((a, b) => a[0] - b[0]);
    let covered = 0;
    let reached = start[i]!;
    for (const [from, to] of spans) {
      covered += Math.max(0, to - Math.max(from, reached));
      reached = Math.max(reached, to);
    }
    self[i] = Math.max(0, duration[i]!) - covered;
  }
  return self;
}

function points(count: number, marks: Marks[]): Points {
  const sorted = [...marks].sort((a, b) => a.span - b.span || a.time - b.time);
  const first = new Int32Array(count + 1);
  for (const mark of sorted) first[mark.span + 1]!++;
  for (let i = 0; i < count; i++) first[i + 1]! += first[i]!;
  return { first, time: Float64Array.from(sorted, (mark) => mark.time), kind: Uint8Array.from(sorted, (mark) => mark.kind) };
}
