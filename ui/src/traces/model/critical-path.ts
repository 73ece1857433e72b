import type { Segments } from './columns';
import type { Shape } from './trace-builder';

/**
 * The times during which nothing but this span kept the request waiting. From the end of the root backwards: the child that ended last
 * before the present moment was what was waited for; before it began, the one that ended last before that; what no child covers is the
 * span's own. A child that outlives its parent was not waited for (fire and forget), and is no part of the path.
 */
export function criticalPath(shape: Shape): Segments {
  const { count, size, start, duration } = shape;
  const found: { span: number; start: number; end: number }[] = [];
  const end = (span: number) => start[span]! + Math.max(0, duration[span]!);
  // A stack, not recursion: a trace may be ten thousand deep.
  const waiting: { span: number; until: number }[] = [];
  if (count > 0) waiting.push({ span: 0, until: end(0) });
  for (let task = waiting.pop(); task; task = waiting.pop()) {
    const { span } = task;
    let moment = task.until;
    const children: number[] = [];
    const latest = end(span) + tolerance(duration[span]!);
    for (let child = span + 1; child < span + size[span]!; child += size[child]!) if (end(child) <= latest) children.push(child);
    children.sort((a, b) => end(b) - end(a) || b - a);
    for (const child of children) {
      if (moment <= start[span]!) break;
      if (start[child]! >= moment || end(child) <= start[span]!) continue;
      // One that was still running when the one after it began was not what held things up from its end on.
      const until = Math.min(end(child), moment);
      if (until < moment) found.push({ span, start: until, end: moment });
      waiting.push({ span: child, until });
      moment = Math.max(start[child]!, start[span]!);
    }
    if (moment > start[span]!) found.push({ span, start: start[span]!, end: moment });
  }
  found.sort((a, b) => a.span - b.span || a.start - b.start);
  const first = new Int32Array(count + 1);
  for (const segment of found) first[segment.span + 1]!++;
  for (let i = 0; i < count; i++) first[i + 1]! += first[i]!;
  return {
    first,
    start: Float64Array.from(found, (segment) => segment.start),
    end: Float64Array.from(found, (segment) => segment.end),
  };
}

/** Clocks differ a little, and an answer is often logged after it was sent. */
const tolerance = (duration: number) => Math.max(1e6, duration * 0.02);

export function criticalTime({ first, start, end }: Segments, span: number): number {
  let total = 0;
  for (let i = first[span]!; i < first[span + 1]!; i++) total += end[i]! - start[i]!;
  return total;
}
