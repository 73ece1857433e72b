import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { Empty } from '../design/Empty';
import { readable } from '../design/foreign-text';
import { formatDuration } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { nanosBetween } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { nameOf, type TraceColumns } from './model/columns';
import { shown } from './model/search';
import type { TraceWorker } from './model/trace-talk';
import type { TraceHead } from './model/trace-types';
import classes from './TraceLogs.module.css';

type Props = { worker: TraceWorker; head: TraceHead; columns: TraceColumns; select(span: number): void };

/** What was written while this happened, of all services, in order. */
export default function TraceLogs({ worker, head, columns, select }: Props) {
  const logs = useQuery({
    queryKey: ['logs', head.traceId, columns.count],
    queryFn: () => worker.ask<'logs'>({ ask: 'logs' }),
    gcTime: 10_000,
  });
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: logs.data?.length ?? 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => 30,
    overscan: 10,
  });
  if (!logs.data) return <WaitingRows />;
  if (logs.data.length === 0)
    return (
      <Empty title="No logs in this trace">
        Log records that carry the trace's id stand here and on their spans. OpenTelemetry's log bridges and appenders add the id
        by themselves; point their exporter at the same endpoint as the traces.
      </Empty>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div ref={scroll} className={classes.scroll} tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const { log, span } = logs.data[index]!;
          const severity = log.severity >= 17 ? 'error' : log.severity >= 13 ? 'warning' : 'plain';
          return (
            <button
              type="button"
              key={index}
              ref={virtual.measureElement}
              data-index={index}
              className={classes.log}
              data-tone={severity}
              style={{ transform: `translateY(${start}px)` }}
              disabled={span < 0}
              onClick={() => select(span)}
            >
              <span className={classes.time}>+{formatDuration(nanosBetween(head.startUnixNano ?? '0', log.timeUnixNano))}</span>
              <span className={classes.severity}>
                {readable(log.severityText || (severity === 'plain' ? 'info' : severity), 12)}
              </span>
              <ServiceName service={log.service} />
              <span className={classes.body}>{readable(shown(log.body), 1_000)}</span>
              <span className={classes.span}>{span >= 0 ? readable(nameOf(columns, span), 60) : ''}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
