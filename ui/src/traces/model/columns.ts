/**
 * A trace as columns: row i is span i in the order of the waterfall (a parent before its children, a subtree in one piece). Numbers in
 * typed arrays, so that a hundred thousand spans are a few megabytes that pass from the worker to the page without being copied.
 * Times are nanoseconds from the start of the trace.
 */
export type TraceColumns = {
  count: number;
  parent: Int32Array;
  depth: Uint16Array;
  /** Spans in the subtree, with the span itself. */
  size: Int32Array;
  start: Float64Array;
  duration: Float64Array;
  /** Own time: what no child covers. */
  self: Float64Array;
  service: Uint16Array;
  name: Uint32Array;
  resource: Uint16Array;
  kind: Uint8Array;
  status: Uint8Array;
  marks: Uint16Array;
  links: Uint16Array;
  critical: Segments;
  events: Points;
  logs: Points;
  ids: readonly string[];
  services: readonly string[];
  names: readonly string[];
  /** Estimated clock offset of each resource; 0 where none is known. */
  offsets: Float64Array;
};

/** Several times per span: those of span i lie from `first[i]` to `first[i + 1]`. */
export type Points = { first: Int32Array; time: Float64Array; kind: Uint8Array };
export type Segments = { first: Int32Array; start: Float64Array; end: Float64Array };

export const Mark = {
  orphan: 1,
  cycle: 2,
  sharedId: 4,
  quarantined: 8,
  /** A span below it failed. */
  errorBelow: 16,
  /** Its clock is estimated to be off. */
  skewed: 32,
  /** Something was cut by the sender. */
  dropped: 64,
} as const;

export const EventKind = { event: 0, exception: 1 } as const;
const Status = { unset: 0, ok: 1, error: 2 } as const;
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statuses = ['unset', 'ok', 'error'] as const;

export const isError = (columns: TraceColumns, span: number) => columns.status[span] === Status.error;
export const serviceOf = (columns: TraceColumns, span: number) => columns.services[columns.service[span]!]!;
export const nameOf = (columns: TraceColumns, span: number) => columns.names[columns.name[span]!]!;

/** The direct children of a span (-1: the roots), in their order. */
export function childrenOf(columns: TraceColumns, span: number): number[] {
  const end = span < 0 ? columns.count : span + columns.size[span]!;
  const children: number[] = [];
  for (let child = span + 1; child < end; child += columns.size[child]!) children.push(child);
  return children;
}

export function statusNumber(status: string): number {
  return Math.max(0, statuses.indexOf(status as (typeof statuses)[number]));
}

export function kindNumber(kind: string): number {
  return Math.max(0, kinds.indexOf(kind as (typeof kinds)[number]));
}
