import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { colour } from '../charts/colours';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { formatCount, formatDuration, formatTime } from '../design/formats';
import { Partial } from '../design/Partial';
import { millis, nanos } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import classes from './Heatmap.module.css';
import { type Heat, heatOf, shade } from './heat';
import type { Region } from './search-state';
import { useTraceMetrics } from './trace-metrics';

type Props = { selection: string; region: Region | null; setRegion(region: Region | null): void };

const height = 170;
const margin = { left: 56, right: 12, bottom: 20 };

/** Latency over time, darker where more spans lie. A region of it can be chosen. */
export function Heatmap({ selection, region, setRegion }: Props) {
  const answer = useTraceMetrics(`${selection} | histogram_over_time(duration)`);
  const heat = useMemo(() => (answer.data ? heatOf(answer.data) : null), [answer.data]);
  if (answer.isError && !answer.data)
    return answer.error.parameter === 'q' ? null : <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!heat) return <WaitingBlock height={height} />;
  if (heat.bounds.length === 0) return <Empty title="No spans in this time">Widen the time range, or ask for less.</Empty>;
  return (
    <>
      <Partial of={answer.data} />
      <Grid heat={heat} region={region} setRegion={setRegion} />
    </>
  );
}

type Point = { x: number; y: number };

function Grid({ heat, region, setRegion }: { heat: Heat; region: Region | null; setRegion(region: Region | null): void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme('dark');
  const [drag, setDrag] = useState<{ from: Point; to: Point } | null>(null);
  const [hover, setHover] = useState<Point | null>(null);
  const inner = { width: Math.max(1, width - margin.left - margin.right), height: height - margin.bottom };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme is another painting
  useEffect(() => {
    if (canvas.current && width > 0) paint(canvas.current, heat, inner.width, inner.height);
  }, [heat, width, scheme]);

  const first = heat.times[0]! - heat.stepMillis;
  const last = heat.times.at(-1)!;
  const lowest = heat.bounds[0]! / 2;
  const timeOf = (x: number) => first + (x / inner.width) * (last - first);
  const durationOf = (y: number) => lowest * 2 ** ((1 - y / inner.height) * heat.bounds.length);
  const xOf = (time: number) => ((time - first) / (last - first)) * inner.width;
  const yOf = (duration: number) => (1 - Math.log2(duration / lowest) / heat.bounds.length) * inner.height;
  const point = (event: PointerEvent): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: clamp(event.clientX - box.left, inner.width), y: clamp(event.clientY - box.top, inner.height) };
  };
  const finish = () => {
    if (drag) {
      const [left, right] = [Math.min(drag.from.x, drag.to.x), Math.max(drag.from.x, drag.to.x)];
      const [top, bottom] = [Math.min(drag.from.y, drag.to.y), Math.max(drag.from.y, drag.to.y)];
      setRegion(
        right - left < 4 || bottom - top < 4
          ? null
          : { since: timeOf(left), until: timeOf(right), low: durationOf(bottom), high: durationOf(top) },
      );
    }
    setDrag(null);
  };
  const chosen = drag
    ? {
        left: Math.min(drag.from.x, drag.to.x),
        top: Math.min(drag.from.y, drag.to.y),
        width: Math.abs(drag.to.x - drag.from.x),
        height: Math.abs(drag.to.y - drag.from.y),
      }
    : region && {
        left: xOf(region.since),
        top: yOf(region.high),
        width: xOf(region.until) - xOf(region.since),
        height: yOf(region.low) - yOf(region.high),
      };
  return (
    <figure ref={ref} className={classes.heatmap} style={{ height }} aria-label="Latency over time">
      <canvas
        ref={canvas}
        className={classes.canvas}
        style={{ left: margin.left, width: inner.width, height: inner.height }}
        aria-hidden
      />
      {heat.bounds
        .filter((_, i) => i % Math.ceil(heat.bounds.length / 6) === 0)
        .map((bound) => (
          <span key={bound} className={classes.bound} style={{ top: yOf(bound) }}>
            {formatDuration(nanos(bound))}
          </span>
        ))}
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <span key={share} className={classes.time} data-at={share} style={{ left: margin.left + share * inner.width }}>
          {formatTime(millis(first + share * (last - first)), millis(Date.now()), last - first < 600_000 ? 'seconds' : 'minutes')}
        </span>
      ))}
      <div
        className={classes.overlay}
        data-testid="heatmap"
        style={{ left: margin.left, width: inner.width, height: inner.height }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: point(event), to: point(event) });
        }}
        onPointerMove={(event) => {
          setHover(point(event));
          if (drag) setDrag({ from: drag.from, to: point(event) });
        }}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHover(null)}
      >
        {chosen && <div className={classes.region} style={chosen} />}
        {hover && !drag && <Cell heat={heat} at={hover} inner={inner} />}
      </div>
    </figure>
  );
}

const clamp = (value: number, max: number) => Math.min(max, Math.max(0, value));

function Cell({ heat, at, inner }: { heat: Heat; at: Point; inner: { width: number; height: number } }) {
  const column = Math.min(heat.times.length - 1, Math.floor((at.x / inner.width) * heat.times.length));
  const row = Math.min(heat.bounds.length - 1, Math.floor((1 - at.y / inner.height) * heat.bounds.length));
  const count = heat.counts[row]?.[column] ?? 0;
  const bound = heat.bounds[row]!;
  return (
    <div
      className={classes.cell}
      data-side={at.x > inner.width / 2 ? 'left' : 'right'}
      style={{ left: at.x, top: Math.min(at.y, inner.height - 40) }}
    >
      <strong>{formatCount(count)}</strong> spans of {formatDuration(nanos(bound / 2))} to {formatDuration(nanos(bound))}
      <br />
      {formatTime(millis(heat.times[column]!), millis(Date.now()))}
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, heat: Heat, width: number, height: number) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.fillStyle = colour('var(--chart)');
  const cellWidth = canvas.width / heat.times.length;
  const cellHeight = canvas.height / heat.bounds.length;
  heat.counts.forEach((row, y) => {
    row.forEach((count, x) => {
      if (count <= 0) return;
      context.globalAlpha = shade(count, heat.most);
      context.fillRect(
        Math.floor(x * cellWidth),
        canvas.height - (y + 1) * cellHeight,
        Math.max(1, Math.ceil(cellWidth) - scale),
        Math.max(1, cellHeight - scale),
      );
    });
  });
}
