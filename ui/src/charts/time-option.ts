import type { EChartsCoreOption } from 'echarts/core';
import { formatTime } from '../design/formats';
import { millis } from '../design/units';
import { colour } from './colours';
import type { Moment, Series } from './TimeChart';

/** Where the values lie within the picture: known to the page too, which draws cursor, choice and moments itself. */
export const margins = { left: 52, right: 12, top: 14, bottom: 22 };

const dotsMax = 24;

type Given = {
  times: readonly number[];
  series: readonly Series[];
  moments: readonly Moment[];
  format(value: number): string;
  max?: number | undefined;
};

export function timeOption({ times, series, moments, format, max }: Given): EChartsCoreOption {
  const faint = colour('var(--text-faint)');
  const line = colour('var(--line)');
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > 36 * 3_600_000;
  return {
    animation: false,
    grid: { ...margins, containLabel: false },
    xAxis: {
      type: 'time',
      min: times[0],
      max: times.at(-1),
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      splitLine: { show: false },
      splitNumber: 6,
      axisLabel: {
        color: faint,
        fontSize: 11,
        hideOverlap: true,
        formatter: (value: number) =>
          long
            ? formatTime(millis(value), millis(0), 'minutes').replace(/^\w+ /, '')
            : formatTime(millis(value), millis(value), 'minutes'),
      },
    },
    yAxis: {
      type: 'value',
      // Quantities stand on zero; what goes below it is shown whole.
      min: ({ min }: { min: number }) => Math.min(0, min),
      ...(max === undefined ? {} : { max }),
      splitNumber: 3,
      axisLabel: { color: faint, fontSize: 11, formatter: (value: number) => format(value), hideOverlap: true },
      splitLine: { lineStyle: { color: line } },
    },
    series: series.map((one, i) => ({
      name: one.name,
      type: one.kind === 'bar' ? 'bar' : 'line',
      data: times.map((time, at) => [time, one.values[at] ?? null]),
      ...(one.stack ? { stack: one.stack } : {}),
      ...(one.kind === 'area' ? { areaStyle: { color: colour(one.colour), opacity: 0.16 } } : {}),
      // A value between two gaps has no line: it is a dot.
      showSymbol: one.values.filter((value) => value !== null).length < dotsMax,
      symbolSize: 4,
      barCategoryGap: '15%',
      lineStyle: { color: colour(one.colour), width: 1.6, type: one.dashed ? 'dashed' : 'solid' },
      itemStyle: { color: colour(one.colour) },
      ...(i === 0 && moments.length > 0 ? { markLine: marks(moments) } : {}),
    })),
  };
}

function marks(moments: readonly Moment[]) {
  return {
    symbol: 'none',
    silent: true,
    label: { show: false },
    data: moments.map((moment) => ({
      xAxis: moment.time,
      lineStyle: { color: colour(`var(--${moment.tone})`), width: 1, type: 'dashed' },
    })),
  };
}
