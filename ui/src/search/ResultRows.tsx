import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { Ago } from '../design/Ago';
import { readable } from '../design/foreign-text';
import { formatCount, formatDuration, formatTime } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { serviceColour } from '../design/service-colour';
import { type Column, Table } from '../design/Table';
import { millis, nanos, toMillis } from '../design/units';
import { useTimeRange } from '../time/TimeContext';
import { shown } from '../traces/model/search';
import { traceAddress } from '../url/addresses';
import classes from './Search.module.css';
import type { FoundSpan, FoundTrace } from './use-search';

type Props = { traces: readonly FoundTrace[]; columns: readonly string[] };

/** One line per trace: where it began, how long it took, who took part. */
export function TraceRows({ traces, columns }: Props) {
  const range = useTimeRange();
  const longest = Math.max(...traces.map((trace) => trace.durationNano), 1);
  const table: Column<FoundTrace>[] = [
    {
      title: 'Trace',
      cell: (trace) => (
        <span className={classes.traceCell}>
          {trace.errorCount > 0 && <IconAlertTriangleFilled size={12} className={classes.failedIcon!} aria-label="has errors" />}
          <span className={classes.operation} data-failed={trace.errorCount > 0}>
            {trace.rootName === null ? 'Root not received' : readable(trace.rootName, 200) || '(no name)'}
          </span>
          <span className={classes.rootService}>{trace.rootService !== null && <ServiceName service={trace.rootService} />}</span>
        </span>
      ),
    },
    ...columns.map(
      (column): Column<FoundTrace> => ({
        title: column,
        width: 150,
        soft: true,
        cell: (trace) =>
          attributeText(
            trace.spanSets.flatMap((set) => set.spans),
            column,
          ),
      }),
    ),
    {
      title: 'Duration',
      width: 150,
      cell: (trace) => (
        <span className={classes.durationCell}>
          <span className={classes.durationBar} style={{ width: `${Math.max(1, (trace.durationNano / longest) * 100)}%` }} />
          {formatDuration(nanos(trace.durationNano))}
        </span>
      ),
    },
    {
      title: 'Matched',
      width: 80,
      align: 'right',
      soft: true,
      cell: (trace) => formatCount(trace.spanSets.reduce((sum, set) => sum + set.matched, 0)),
    },
    { title: 'Spans', width: 70, align: 'right', soft: true, cell: (trace) => formatCount(trace.spanCount) },
    {
      title: 'Failed',
      width: 70,
      align: 'right',
      cell: (trace) => (trace.errorCount > 0 ? <span className={classes.failed}>{formatCount(trace.errorCount)}</span> : ''),
    },
    { title: 'Services', width: 110, cell: (trace) => <ServiceDots trace={trace} /> },
    {
      title: 'When',
      width: 110,
      align: 'right',
      soft: true,
      cell: (trace) => <Ago time={toMillis(trace.startUnixNano)} now={range.now} />,
    },
  ];
  return (
    <Table
      label="Traces"
      columns={table}
      rows={traces}
      id={(trace) => trace.traceId}
      to={(trace) => traceAddress(trace.traceId, { span: firstSpan(trace) })}
    />
  );
}

/** The span that made it a hit, where the query asks for something; the trace as a whole where it asks for anything. */
const firstSpan = (trace: FoundTrace) =>
  trace.spanSets[0] && trace.spanSets[0].matched < trace.spanCount ? (trace.spanSets[0].spans[0]?.spanId ?? '') : '';

function ServiceDots({ trace }: { trace: FoundTrace }) {
  const names = trace.services.map((one) => readable(one.service, 60)).join(', ');
  return (
    <span className={classes.dots} title={names}>
      {trace.services.slice(0, 8).map((one) => (
        <span
          key={one.service}
          className={classes.dot}
          data-failed={one.errorCount > 0}
          style={{ background: serviceColour(one.service) }}
        />
      ))}
      {trace.services.length > 8 && <span>+{trace.services.length - 8}</span>}
      <span className={classes.hidden}>{names}</span>
    </span>
  );
}

type FoundRow = { trace: FoundTrace; span: FoundSpan };

/** One line per matched span. */
export function SpanRows({ traces, columns }: Props) {
  const rows = traces.flatMap((trace) => trace.spanSets.flatMap((set) => set.spans.map((span): FoundRow => ({ trace, span }))));
  const asked = [...new Set(rows.flatMap((row) => Object.keys(row.span.attributes)))]
    .filter((name) => name.includes('.') && !columns.includes(name))
    .slice(0, 4);
  const table: Column<FoundRow>[] = [
    {
      title: 'Span',
      cell: ({ span }) => (
        <span className={classes.traceCell}>
          {span.status === 'error' && <IconAlertTriangleFilled size={12} className={classes.failedIcon!} aria-label="failed" />}
          <span className={classes.operation} data-failed={span.status === 'error'}>
            {readable(span.name, 200) || '(no name)'}
          </span>
        </span>
      ),
    },
    { title: 'Service', width: 150, cell: ({ span }) => <ServiceName service={span.service} /> },
    { title: 'Kind', width: 90, soft: true, cell: ({ span }) => span.kind },
    ...[...columns, ...asked].map(
      (column): Column<FoundRow> => ({
        title: column,
        width: 150,
        soft: true,
        cell: ({ span }) => attributeText([span], column),
      }),
    ),
    { title: 'Duration', width: 100, align: 'right', cell: ({ span }) => formatDuration(nanos(span.durationNano)) },
    {
      title: 'When',
      width: 130,
      align: 'right',
      soft: true,
      cell: ({ span }) => formatTime(toMillis(span.startUnixNano), millis(Date.now()), 'millis'),
    },
  ];
  return (
    <Table
      label="Spans"
      columns={table}
      rows={rows}
      id={({ trace, span }) => trace.traceId + span.spanId}
      to={({ trace, span }) => traceAddress(trace.traceId, { span: span.spanId })}
    />
  );
}

function attributeText(spans: readonly FoundSpan[], column: string): string {
  const values = spans.map((span) => span.attributes[column]).filter((value) => value !== undefined);
  return readable([...new Set(values.map(shown))].join(', '), 200);
}
