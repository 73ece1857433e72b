import { TextInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { Schemas } from '../api/schemas';
import { readable } from '../design/foreign-text';
import { formatCount } from '../design/formats';
import { useKeys } from '../frame/keys';
import classes from './Metrics.module.css';
import { findMetrics, metricId } from './metric-state';

type Metric = Schemas['SeenMetric'];
type Props = {
  metrics: readonly Metric[];
  chosen: Metric | undefined;
  find: string;
  setFind(find: string): void;
  choose(metric: Metric): void;
};

export function MetricList({ metrics, chosen, find, setFind, choose }: Props) {
  const found = findMetrics(metrics, find);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const chosenId = chosen && metricId(chosen);
  const step = (by: number) => {
    const at = found.findIndex((one) => metricId(one) === chosenId);
    const next = found[at < 0 ? 0 : Math.min(found.length - 1, Math.max(0, at + by))];
    if (next) choose(next);
  };
  useKeys('Metrics', [
    { keys: 'j or ArrowDown', label: 'Next metric', run: () => step(1) },
    { keys: 'k or ArrowUp', label: 'Previous metric', run: () => step(-1) },
    { keys: '/', label: 'Find a metric', run: () => input.current?.focus() },
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice scrolls into view
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [chosenId]);
  return (
    <nav aria-label="Metrics" className={classes.list}>
      <TextInput
        ref={input}
        className={classes.find}
        aria-label="Find a metric"
        placeholder="Name, description or service"
        value={find}
        onChange={(event) => setFind(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key === 'Enter' && found[0]) choose(found[0]);
        }}
      />
      <div ref={list} className={classes.names}>
        {found.map((metric) => (
          <button
            type="button"
            key={metricId(metric)}
            className={classes.metric}
            aria-current={metricId(metric) === chosenId ? 'true' : undefined}
            title={readable(metric.description, 300)}
            onClick={() => choose(metric)}
          >
            <span className={classes.name}>{readable(metric.metric, 200)}</span>
            <span className={classes.about}>
              {metric.kind.replace('_', ' ')}
              {metric.unit && ` · ${readable(metric.unit, 30)}`} · {formatCount(metric.seriesCount)}
            </span>
          </button>
        ))}
        {found.length === 0 && <p className={classes.nothing}>None of {formatCount(metrics.length)} metrics has these words.</p>}
      </div>
    </nav>
  );
}
