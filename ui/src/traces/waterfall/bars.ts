import { EventKind, type Points, type TraceColumns } from '../model/columns';

/** The part of the trace that is shown, in nanoseconds from its start. */
export type Window = { from: number; to: number };

/** Shares of the width, 0 to 1. */
export type Piece = { left: number; width: number };

export const place = (time: number, { from, to }: Window) => (time - from) / (to - from);

/** What is seen of a stretch of time; null when nothing is. */
export function piece(start: number, end: number, window: Window): Piece | null {
  const left = Math.max(0, place(start, window));
  const right = Math.min(1, place(end, window));
  return right < 0 || left > 1 || right < left ? null : { left, width: right - left };
}

/** The calls of a fold as few pieces: those nearer to each other than can be seen are one. */
export function pieces(columns: TraceColumns, start: Float64Array, spans: readonly number[], window: Window): Piece[] {
  const seen: Piece[] = [];
  for (const span of spans) {
    const next = piece(start[span]!, start[span]! + Math.max(0, columns.duration[span]!), window);
    const last = seen.at(-1);
    if (!next) continue;
    if (last && next.left - (last.left + last.width) < finest)
      last.width = Math.max(last.width, next.left + next.width - last.left);
    else seen.push(next);
  }
  return seen;
}

const finest = 1 / 400;
const marksMax = 60;

export type PlacedMark = { left: number; tone: 'plain' | 'warning' | 'error' };

/** Events and logs of a span in their place; of many in one place the worst is shown. */
export function marksOf(
  points: Points,
  span: number,
  shift: number,
  window: Window,
  tone: (kind: number) => PlacedMark['tone'],
): PlacedMark[] {
  const marks: PlacedMark[] = [];
  for (let i = points.first[span]!; i < points.first[span + 1]! && marks.length < marksMax; i++) {
    const left = place(points.time[i]! - shift, window);
    if (left < 0 || left > 1) continue;
    const last = marks.at(-1);
    const next = tone(points.kind[i]!);
    if (last && left - last.left < finest) last.tone = worse(last.tone, next);
    else marks.push({ left, tone: next });
  }
  return marks;
}

const order = ['plain', 'warning', 'error'] as const;
const worse = (a: PlacedMark['tone'], b: PlacedMark['tone']) => order[Math.max(order.indexOf(a), order.indexOf(b))]!;

export const eventTone = (kind: number) => (kind === EventKind.exception ? 'error' : 'plain');
/** OTLP's severities: 13 to 16 warn, 17 and up are errors. */
export const logTone = (severity: number) => (severity >= 17 ? 'error' : severity >= 13 ? 'warning' : 'plain');

/** Round times for the ruler, at most `count` of them. */
export function ticks({ from, to }: Window, count = 6): number[] {
  const raw = (to - from) / count;
  if (!(raw > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw)!;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}
