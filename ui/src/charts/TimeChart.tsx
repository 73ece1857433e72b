import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { EChartsType } from 'echarts/core';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { readable } from '../design/foreign-text';
import { formatTime } from '../design/formats';
import { type Millis, millis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import classes from './TimeChart.module.css';
import { margins, timeOption } from './time-option';

export type Series = {
  name: string;
  /** A token, as `var(--error)`, or a service's colour. */
  colour: string;
  values: readonly (number | null)[];
  kind?: 'line' | 'bar' | 'area';
  stack?: string;
  dashed?: boolean;
};

/** Something that happened at one moment: a change, mostly. */
export type Moment = { time: Millis; label: string; tone: 'change' | 'flag' | 'error'; to?: string };

/** One measured thing among the values, with an address of its own. */
export type Dot = { time: Millis; value: number; label: string; to: string };

export type TimeChartProps = {
  label: string;
  times: readonly number[];
  series: readonly Series[];
  moments?: readonly Moment[];
  /** Drawn at their value; above the scale at its top, and on the line of time where they are of another unit than the values. */
  dots?: readonly Dot[];
  dotsOnLine?: boolean;
  format(value: number): string;
  height?: number;
  /** The top of the scale, where there is one. */
  max?: number | undefined;
  /** Dragging over the chart chooses a time; without it nothing can be chosen. */
  zoom?(since: Millis, until: Millis): void;
  choose?(moment: Moment): void;
};

/** Values over time, with what was changed marked on the line of time. */
export function TimeChart(props: TimeChartProps) {
  const { label, times, series, moments = [], dots = [], dotsOnLine = false, format, height = 150, max, zoom, choose } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const scheme = useComputedColorScheme('dark');
  const { ref, width } = useElementSize();
  const [ready, setReady] = useState(false);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [scale, setScale] = useState<{ low: number; high: number } | null>(null);

  useEffect(() => {
    let gone = false;
    void import('./echarts').then(({ echarts }) => {
      if (gone || !holder.current) return;
      chart.current = echarts.init(holder.current, null, { renderer: 'canvas' });
      setReady(true);
    });
    return () => {
      gone = true;
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme is another painting
  useEffect(() => {
    if (ready && width > 0) {
      chart.current?.resize({ width, height });
      chart.current?.setOption(timeOption({ times, series, moments, format, max }), { notMerge: true });
      const valueAt = (y: number) => chart.current?.convertFromPixel({ yAxisIndex: 0 }, y) as unknown as number;
      setScale({ low: valueAt(height - margins.bottom), high: valueAt(margins.top) });
    }
  }, [ready, times, series, moments, format, max, scheme, width, height]);

  const from = times[0] ?? 0;
  const until = times.at(-1) ?? 1;
  const inner = Math.max(1, width - margins.left - margins.right);
  const timeAt = (event: PointerEvent) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - margins.left;
    return from + Math.min(1, Math.max(0, x / inner)) * (until - from);
  };
  const pixel = (time: number) => margins.left + ((time - from) / Math.max(1, until - from)) * inner;
  const finish = () => {
    if (drag && zoom && Math.abs(pixel(drag.to) - pixel(drag.from)) > 4)
      zoom(millis(Math.min(drag.from, drag.to)), millis(Math.max(drag.from, drag.to)));
    setDrag(null);
  };
  const nearest = hover === null ? -1 : nearestIndex(times, hover);
  return (
    <figure className={classes.chart} style={{ height }} aria-label={label}>
      <div ref={ref} className={classes.holder}>
        <div ref={holder} className={classes.canvas} aria-hidden />
      </div>
      {!ready && <WaitingBlock height={height - 8} />}
      <div
        className={classes.overlay}
        data-zooms={zoom !== undefined}
        onPointerDown={(event) => {
          if (!zoom || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: timeAt(event), to: timeAt(event) });
        }}
        onPointerMove={(event) => {
          setHover(timeAt(event));
          if (drag) setDrag({ from: drag.from, to: timeAt(event) });
        }}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHover(null)}
      >
        {nearest >= 0 && <div className={classes.cursor} style={{ left: pixel(times[nearest]!) }} />}
        {drag && (
          <div
            className={classes.selection}
            style={{ left: Math.min(pixel(drag.from), pixel(drag.to)), width: Math.abs(pixel(drag.to) - pixel(drag.from)) }}
          />
        )}
      </div>
      {moments
        .filter((moment) => moment.time >= from && moment.time <= until)
        .map((moment) => (
          <button
            type="button"
            key={`${moment.time}${moment.label}`}
            className={classes.moment}
            data-tone={moment.tone}
            style={{ left: pixel(moment.time) }}
            title={`${formatTime(moment.time, millis(Date.now()))}: ${readable(moment.label, 200)}`}
            aria-label={readable(moment.label, 200)}
            onClick={() => choose?.(moment)}
          />
        ))}
      {scale &&
        dots
          .filter((dot) => dot.time >= from && dot.time <= until)
          .map((dot) => (
            <Link
              key={dot.to}
              href={dot.to}
              className={classes.dotLink}
              data-exemplar
              style={{ left: pixel(dot.time), top: heightOf(dotsOnLine ? scale.low : dot.value, scale, height) }}
              title={dot.label}
              aria-label={dot.label}
            />
          ))}
      {nearest >= 0 && (
        <Values times={times} series={series} at={nearest} format={format} left={pixel(times[nearest]!)} width={width} />
      )}
    </figure>
  );
}

function heightOf(value: number, { low, high }: { low: number; high: number }, height: number): number {
  const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
  return height - margins.bottom - share * (height - margins.top - margins.bottom);
}

type ValuesProps = {
  times: readonly number[];
  series: readonly Series[];
  at: number;
  format(value: number): string;
  left: number;
  width: number;
};

function Values({ times, series, at, format, left, width }: ValuesProps) {
  return (
    <div className={classes.values} data-side={left > width / 2 ? 'left' : 'right'} style={{ left }}>
      <div className={classes.time}>{formatTime(millis(times[at]!), millis(Date.now()))}</div>
      {series.slice(0, 12).map((one) => {
        const value = one.values[at];
        return (
          <div key={one.name} className={classes.value}>
            <span className={classes.dot} style={{ background: one.colour }} />
            <span className={classes.name}>{readable(one.name, 80)}</span>
            <strong>{value === null || value === undefined ? '–' : format(value)}</strong>
          </div>
        );
      })}
    </div>
  );
}

function nearestIndex(times: readonly number[], time: number): number {
  let best = -1;
  for (let i = 0; i < times.length; i++) if (best < 0 || Math.abs(times[i]! - time) < Math.abs(times[best]! - time)) best = i;
  return best;
}
