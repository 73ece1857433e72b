import { childrenOf, isError, Mark, type TraceColumns } from './columns';

/** How the reader wants the tree: what is closed, what is folded. */
export type Folding = {
  /** Spans whose children are hidden. */
  closed: ReadonlySet<number>;
  /** Whether repeated calls are one row. */
  folds: boolean;
  /** First spans of folds that are opened. */
  opened: ReadonlySet<number>;
  /** Services whose inner spans (below another span of the same service) are hidden. */
  quiet: ReadonlySet<number>;
};

/** The same call again and again, made by one parent: one row with count and total. */
type Fold = { spans: readonly number[]; opened: boolean };

export type Row = { span: number; depth: number; fold: Fold | null };

export type Rows = { rows: readonly Row[]; rowOf(span: number): number };

/** From this many on, calls are folded: fewer are read faster than a fold is opened. */
const foldMin = 5;

/** The rows that are shown, in order. A hundred thousand spans take some ten milliseconds. */
export function makeRows(columns: TraceColumns, folding: Folding): Rows {
  const rows: Row[] = [];
  const places = new Int32Array(columns.count).fill(-1);
  const waiting: Row[] = [];
  // The last one pushed comes first: children go on in reverse.
  const push = (span: number, depth: number) => {
    const below = arrange(columns, childrenOf(columns, span), folding, depth);
    for (let i = below.length - 1; i >= 0; i--) waiting.push(below[i]!);
  };
  push(-1, 0);
  for (let row = waiting.pop(); row; row = waiting.pop()) {
    if (row.fold) {
      for (const span of row.fold.spans) places[span] = rows.length;
      rows.push(row);
      if (row.fold.opened)
        for (let i = row.fold.spans.length - 1; i >= 0; i--)
          waiting.push({ span: row.fold.spans[i]!, depth: row.depth + 1, fold: null });
      continue;
    }
    const hidden = isQuiet(columns, row.span, folding.quiet);
    if (!hidden) {
      places[row.span] = rows.length;
      rows.push(row);
    }
    if (!folding.closed.has(row.span) && columns.size[row.span]! > 1) push(row.span, hidden ? row.depth : row.depth + 1);
  }
  return { rows, rowOf: (span) => nearest(columns, places, span) };
}

function arrange(columns: TraceColumns, children: number[], folding: Folding, depth: number): Row[] {
  const alone = (span: number): Row => ({ span, depth, fold: null });
  if (!folding.folds || children.length < foldMin) return children.map(alone);
  const groups = new Map<string, number[]>();
  for (const child of children) {
    const key = likeness(columns, child);
    const group = groups.get(key);
    if (group) group.push(child);
    else groups.set(key, [child]);
  }
  const rows: Row[] = [];
  for (const child of children) {
    const group = groups.get(likeness(columns, child))!;
    if (group.length < foldMin) rows.push(alone(child));
    else if (group[0] === child) rows.push({ span: child, depth, fold: { spans: group, opened: folding.opened.has(child) } });
  }
  return rows;
}

/** Calls are the same when they have the same service, name, kind and outcome: a failed one never hides among good ones. */
function likeness(columns: TraceColumns, span: number): string {
  const failed = isError(columns, span) || (columns.marks[span]! & Mark.errorBelow) !== 0;
  return `${columns.service[span]} ${columns.name[span]} ${columns.kind[span]} ${failed}`;
}

function isQuiet(columns: TraceColumns, span: number, quiet: ReadonlySet<number>): boolean {
  const parent = columns.parent[span]!;
  const service = columns.service[span]!;
  return parent >= 0 && quiet.has(service) && columns.service[parent] === service && !isError(columns, span);
}

/** The row of a span, or of the nearest above it that is shown. */
function nearest(columns: TraceColumns, places: Int32Array, span: number): number {
  for (let at = span; at >= 0; at = columns.parent[at]!) if (places[at]! >= 0) return places[at]!;
  return -1;
}

/** What must be opened so that a span is shown. */
export function reveal(columns: TraceColumns, folding: Folding, span: number): Folding {
  const closed = new Set(folding.closed);
  const opened = new Set(folding.opened);
  for (let at = span; at >= 0; at = columns.parent[at]!) {
    if (at !== span) closed.delete(at);
    if (!folding.folds) continue;
    const siblings = childrenOf(columns, columns.parent[at]!);
    const key = likeness(columns, at);
    const alike = siblings.length < foldMin ? [] : siblings.filter((sibling) => likeness(columns, sibling) === key);
    if (alike.length >= foldMin) opened.add(alike[0]!);
  }
  return { ...folding, closed, opened };
}

/** All spans at this depth closed, and none above. */
export function closedAtDepth(columns: TraceColumns, depth: number): Set<number> {
  const closed = new Set<number>();
  for (let i = 0; i < columns.count; i++) if (columns.depth[i] === depth && columns.size[i]! > 1) closed.add(i);
  return closed;
}
