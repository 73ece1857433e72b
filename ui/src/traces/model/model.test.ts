import { describe, expect, test } from 'vitest';
import type { TraceColumns } from './columns';
import { childrenOf, Mark } from './columns';
import { criticalTime } from './critical-path';
import { closedAtDepth, type Folding, makeRows, reveal } from './rows';
import { TraceBuilder } from './trace-builder';
import { TraceStream } from './trace-stream';
import type { TraceHead } from './trace-types';

type Given = {
  depth: number;
  service?: string;
  name?: string;
  start?: number;
  duration?: number;
  status?: string;
  orphan?: boolean;
};

const head = {
  traceId: 'a',
  status: 'complete',
  reasons: [],
  resources: {},
  startUnixNano: '1700000000000000000',
  durationNano: 100,
} as unknown as TraceHead;

function build(spans: Given[]): TraceColumns {
  const builder = new TraceBuilder(head);
  spans.forEach((given, i) => {
    const { start = 0, ...span } = {
      service: 's',
      name: 'n',
      kind: 'server',
      duration: 100,
      status: 'unset',
      resource: 'r',
      ...given,
    };
    builder.addSpan(
      JSON.stringify({
        ...span,
        spanId: i.toString(16).padStart(16, '0'),
        startUnixNano: (1700000000000000000n + BigInt(start)).toString(),
        durationNano: span.duration,
      }),
    );
  });
  return builder.columns();
}

const plain: Folding = { closed: new Set(), folds: false, opened: new Set(), quiet: new Set() };
const spansOf = (columns: TraceColumns, folding: Folding) => makeRows(columns, folding).rows.map((row) => row.span);

describe('the tree', () => {
  test('parents and sizes follow from depths', () => {
    const columns = build([{ depth: 0 }, { depth: 1 }, { depth: 2 }, { depth: 1 }, { depth: 0 }]);
    expect([...columns.parent]).toEqual([-1, 0, 1, 0, -1]);
    expect([...columns.size]).toEqual([4, 2, 1, 1, 1]);
    expect(childrenOf(columns, 0)).toEqual([1, 3]);
    expect(childrenOf(columns, -1)).toEqual([0, 4]);
  });

  test('who stands above an error is marked', () => {
    const columns = build([{ depth: 0 }, { depth: 1 }, { depth: 2, status: 'error' }, { depth: 1 }]);
    expect([...columns.marks].map((marks) => (marks & Mark.errorBelow) !== 0)).toEqual([true, true, false, false]);
  });

  test('own time is what no child covers, and overlapping children count once', () => {
    const columns = build([
      { depth: 0, start: 0, duration: 100 },
      { depth: 1, start: 10, duration: 40 },
      { depth: 1, start: 30, duration: 40 },
      { depth: 1, start: 90, duration: 500 },
    ]);
    expect(columns.self[0]).toBe(30);
  });
});

describe('the critical path', () => {
  const ms = 1e6;
  test('adds up to the duration of the root', () => {
    const columns = build([
      { depth: 0, start: 0, duration: 100 * ms },
      { depth: 1, start: 10 * ms, duration: 30 * ms },
      { depth: 1, start: 20 * ms, duration: 60 * ms },
      { depth: 2, start: 30 * ms, duration: 20 * ms },
      { depth: 1, start: 85 * ms, duration: 10 * ms },
    ]);
    const times = Array.from({ length: 5 }, (_, span) => criticalTime(columns.critical, span) / ms);
    expect(times.reduce((sum, time) => sum + time)).toBe(100);
    // 0-10 root, 10-20 first child, 20-30 and 50-80 second, 30-50 its child, 80-85 and 95-100 root, 85-95 third.
    expect(times).toEqual([20, 10, 40, 20, 10]);
  });

  test('what outlives its parent was not waited for', () => {
    const columns = build([
      { depth: 0, start: 0, duration: 100 * ms },
      { depth: 1, start: 10 * ms, duration: 500 * ms },
    ]);
    expect(criticalTime(columns.critical, 1)).toBe(0);
    expect(criticalTime(columns.critical, 0)).toBe(100 * ms);
  });
});

describe('rows', () => {
  const repeated = () =>
    build([
      { depth: 0 },
      ...Array.from({ length: 6 }, () => ({ depth: 1, name: 'SELECT' })),
      { depth: 1, name: 'SELECT', status: 'error' },
      { depth: 1, name: 'INSERT' },
    ]);

  test('the same call again and again is one row; a failed one stays out of it', () => {
    const { rows } = makeRows(repeated(), { ...plain, folds: true });
    expect(rows.map((row) => [row.span, row.fold?.spans.length ?? 1])).toEqual([
      [0, 1],
      [1, 6],
      [7, 1],
      [8, 1],
    ]);
  });

  test('an opened fold shows its calls below itself', () => {
    const { rows } = makeRows(repeated(), { ...plain, folds: true, opened: new Set([1]) });
    expect(rows.map((row) => [row.span, row.depth])).toEqual([
      [0, 0],
      [1, 1],
      ...[1, 2, 3, 4, 5, 6].map((span) => [span, 2]),
      [7, 1],
      [8, 1],
    ]);
  });

  test('a closed span hides what is below it, and nothing else', () => {
    const columns = build([{ depth: 0 }, { depth: 1 }, { depth: 2 }, { depth: 1 }]);
    expect(spansOf(columns, { ...plain, closed: new Set([1]) })).toEqual([0, 1, 3]);
    expect(makeRows(columns, { ...plain, closed: new Set([1]) }).rowOf(2)).toBe(1);
    expect(spansOf(columns, { ...plain, closed: closedAtDepth(columns, 0) })).toEqual([0]);
  });

  test('the inside of a service can be left out, and others keep their place', () => {
    const columns = build([
      { depth: 0, service: 'a' },
      { depth: 1, service: 'a' },
      { depth: 2, service: 'b' },
      { depth: 1, service: 'a', status: 'error' },
    ]);
    expect(makeRows(columns, { ...plain, quiet: new Set([0]) }).rows.map((row) => [row.span, row.depth])).toEqual([
      [0, 0],
      [2, 1],
      [3, 1],
    ]);
  });

  test('a span is revealed wherever it is hidden', () => {
    const columns = build([{ depth: 0 }, { depth: 1, name: 'a' }, ...Array.from({ length: 8 }, () => ({ depth: 2, name: 'q' }))]);
    const hidden: Folding = { ...plain, closed: new Set([0, 1]), folds: true };
    expect(spansOf(columns, hidden)).toEqual([0]);
    expect(spansOf(columns, reveal(columns, hidden, 7))).toContain(7);
  });

  test('a hundred thousand spans in one chain, or under one parent, are no problem', () => {
    const deep = build(Array.from({ length: 20_000 }, (_, depth) => ({ depth })));
    expect(makeRows(deep, plain).rows).toHaveLength(20_000);
    const wide = build([{ depth: 0 }, ...Array.from({ length: 100_000 }, () => ({ depth: 1 }))]);
    expect(makeRows(wide, { ...plain, folds: true }).rows).toHaveLength(2);
  });
});

describe('the stream', () => {
  const answer = {
    traceId: 'x"y\\',
    reasons: [{ reason: 'a', detail: '{[' }],
    resources: { r: { attributes: { spans: ['no'], logs: '[' } } },
    spans: [
      { spanId: '1', name: 'a]}"\\' },
      { spanId: '2', attributes: { deep: [{ x: [1, '}'] }] }, events: [{ name: 'ü€🚀' }] },
      {},
    ],
    logs: [{ body: '"spans":[' }, { body: { logs: [] } }],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(answer));

  test.each([1, 2, 3, 7, 64, 100_000])('in pieces of %d bytes is what it was in one', (size) => {
    const spans: unknown[] = [];
    const logs: unknown[] = [];
    let head: Record<string, unknown> = {};
    const stream = new TraceStream({
      head: (json) => {
        head = JSON.parse(json);
      },
      span: (json) => spans.push(JSON.parse(json)),
      log: (json) => logs.push(JSON.parse(json)),
    });
    for (let at = 0; at < bytes.length; at += size) stream.push(bytes.slice(at, at + size));
    expect(head).toEqual({ ...answer, spans: [], logs: undefined });
    expect({ spans, logs }).toEqual({ spans: answer.spans, logs: answer.logs });
  });
});
