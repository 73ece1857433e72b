import { Button, Pill, Select, TextInput } from '@mantine/core';
import { Link } from 'wouter';
import { useApi } from '../api/client';
import { CopyButton } from '../design/CopyButton';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatExact } from '../design/formats';
import { useTitle } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { useUrlState } from '../url/url-state';
import { MetricChart } from './MetricChart';
import classes from './Metrics.module.css';
import { keysOf, metricsCodecs } from './metrics-state';

/** A metric that was sent: over time, split, narrowed, and from a measurement to its trace. */
export default function MetricsPage() {
  const [state, set] = useUrlState(metricsCodecs);
  const range = useTimeRange();
  useTitle(state.metric ? `Metric ${state.metric}` : 'Metrics');
  const times = { since: range.sinceUnixNano, until: range.untilUnixNano };
  const known = useApi('/api/metrics', times);
  const wanted = state.find.trim().toLowerCase();
  const found = (known.data?.metrics ?? []).filter((one) => one.metric.toLowerCase().includes(wanted));
  const chosen =
    known.data?.metrics.find(
      (one) =>
        one.metric === state.metric && (!state.kind || one.kind === state.kind) && (!state.unit || one.unit === state.unit),
    ) ?? (state.metric ? undefined : (found.find((one) => one.kind.endsWith('histogram')) ?? found[0]));
  return (
    <div className={classes.page}>
      <nav className={classes.names} aria-label="Metrics">
        <h1>Metrics</h1>
        <TextInput
          aria-label="Find a metric"
          placeholder="Find a metric…"
          value={state.find}
          onChange={(event) => set({ find: event.currentTarget.value })}
        />
        <Partial of={known.data} />
        {known.isPending && <WaitingRows />}
        {found.map((one) => (
          <button
            type="button"
            key={`${one.metric} ${one.kind} ${one.unit}`}
            aria-current={one === chosen}
            title={readable(one.description || one.metric, 300)}
            onClick={() =>
              set({ metric: one.metric, kind: one.kind, unit: one.unit, fn: '', by: '', filter: [] }, { push: true })
            }
          >
            <span>{readable(one.metric, 200)}</span>
            <span className={classes.soft}>
              {one.kind.replace('_', ' ')}
              {one.unit && `, ${readable(one.unit, 30)}`}
            </span>
          </button>
        ))}
      </nav>
      <div className={classes.main}>
        {known.isError ? (
          <Failure error={known.error} retry={() => void known.refetch()} />
        ) : chosen ? (
          <Explorer key={`${chosen.metric} ${chosen.kind} ${chosen.unit}`} of={chosen} />
        ) : known.isPending ? (
          <WaitingRows count={12} />
        ) : (
          <Empty
            title={state.metric ? 'This metric was not seen in this time' : 'No metrics in this time'}
            action={<Button onClick={() => range.set('24h')}>Look at the last 24 hours</Button>}
          >
            Send OTLP metrics to the endpoint that takes your traces; the <Link href="/connect">Connect</Link> room has the
            settings.
          </Empty>
        )}
      </div>
    </div>
  );
}

type Metric = { metric: string; kind: string; unit: string; description: string; functions: string[] };

function Explorer({ of }: { of: Metric }) {
  const [state, set] = useUrlState(metricsCodecs);
  const range = useTimeRange();
  const filter = state.filter[0] ?? '';
  const series = useApi('/api/metrics/series', {
    metric: of.metric,
    filter,
    since: range.sinceUnixNano,
    until: range.untilUnixNano,
    limit: 200,
  });
  const keys = ['service', ...keysOf(series.data?.series ?? [])];
  return (
    <>
      <div className={classes.bar}>
        <Select
          label="Function"
          value={state.fn || (of.functions[0] ?? '')}
          data={of.functions}
          allowDeselect={false}
          onChange={(fn) => set({ fn: fn ?? '' })}
        />
        <Select
          label="Split by"
          placeholder="nothing"
          value={state.by || null}
          data={keys}
          clearable
          searchable
          onChange={(by) => set({ by: by ?? '' })}
        />
        <div className={classes.only}>
          {filter && (
            <Pill withRemoveButton onRemove={() => set({ filter: [] }, { push: true })}>
              {readable(filter, 120)}
            </Pill>
          )}
        </div>
        <CopyButton text={window.location.href} label="Copy the address of this view" size={28} />
      </div>
      {of.description && <p className={classes.soft}>{readable(of.description, 400)}</p>}
      <MetricChart metric={of.metric} kind={of.kind} unit={of.unit} fn={state.fn} by={state.by} filter={filter} />
      <Panel
        title="Series"
        note={series.data && `${formatExact(series.data.series.length)}; a press shows only that value`}
        actions={<Partial of={series.data} />}
        flush
      >
        <Table
          label="Series"
          rows={(series.data?.series ?? []).slice(0, 200)}
          id={(one) => one.seriesId}
          columns={[
            {
              title: 'Service',
              width: 200,
              cell: (one) => (
                <button
                  type="button"
                  className={classes.value}
                  onClick={() => set({ filter: [`service=${one.service}`] }, { push: true })}
                >
                  <ServiceName service={one.service} />
                </button>
              ),
            },
            {
              title: 'Attributes',
              cell: (one) =>
                Object.entries(one.attributes).map(([key, value]) => (
                  <button
                    type="button"
                    key={key}
                    className={classes.value}
                    onClick={() => set({ filter: [`${key}=${value}`] }, { push: true })}
                  >
                    {readable(`${key}=${value}`, 100)}
                  </button>
                )),
            },
          ]}
        />
      </Panel>
    </>
  );
}
