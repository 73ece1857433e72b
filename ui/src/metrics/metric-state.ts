import type { Schemas } from '../api/schemas';
import { list, text } from '../url/url-state';

export const metricCodecs = {
  metric: text(),
  /** Which of several things that have this name. */
  kind: text(),
  unit: text(),
  /** Empty: what the server takes for this kind. */
  fn: text(),
  by: list,
  filter: list,
  find: text(),
};

type Metric = Schemas['SeenMetric'];
type Chosen = { metric: string; kind: string; unit: string };

export const metricId = (metric: Metric) => `${metric.metric} ${metric.kind} ${metric.unit}`;

/** The metric of the address; without one, what most people look at first. */
export function chosenOf(metrics: readonly Metric[], { metric, kind, unit }: Chosen): Metric | undefined {
  if (metric) return metrics.find((one) => one.metric === metric && (!kind || one.kind === kind) && (!unit || one.unit === unit));
  return metrics.find((one) => one.metric === 'http.server.request.duration') ?? metrics.find(isHistogram) ?? metrics[0];
}

const isHistogram = (metric: Metric) => metric.kind.endsWith('histogram');

/** All words must be in the name, the description or a service's name. */
export function findMetrics(metrics: readonly Metric[], written: string): Metric[] {
  const words = written.toLowerCase().split(/\s+/).filter(Boolean);
  return metrics.filter((metric) => {
    const known = [metric.metric, metric.description, ...metric.services].join(' ').toLowerCase();
    return words.every((word) => known.includes(word));
  });
}

export type Filter = { key: string; is: boolean; value: string };

/** As the API reads it: `key=value`, `key!=value`; the first of the two signs counts. */
export function parseFilter(written: string): Filter | null {
  const match = /^([^=!]+)(!?=)([\s\S]*)$/.exec(written);
  return match ? { key: match[1]!, is: match[2] === '=', value: match[3]! } : null;
}

export const writeFilter = ({ key, is, value }: Filter) => `${key}${is ? '=' : '!='}${value}`;

/** What a metric's series can be told apart by, with the values that were seen; what differs stands first. */
export function keysOf(series: readonly Schemas['SeenSeries'][]): { key: string; values: string[] }[] {
  const found = new Map<string, Set<string>>();
  const note = (key: string, value: unknown) => {
    const values = found.get(key) ?? new Set();
    found.set(key, values.add(typeof value === 'object' ? JSON.stringify(value) : String(value)));
  };
  for (const one of series) {
    note('service', one.service);
    for (const [key, value] of Object.entries(one.attributes)) note(key, value);
    for (const [key, value] of Object.entries(one.resource)) if (key !== 'service.name') note(`resource.${key}`, value);
  }
  return [...found]
    .map(([key, values]) => ({ key, values: [...values].sort() }))
    .sort((a, b) => Number(b.values.length > 1) - Number(a.values.length > 1));
}
