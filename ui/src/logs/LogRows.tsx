import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { readable } from '../design/foreign-text';
import { formatTime } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { toMillis } from '../design/units';
import { useTimeRange } from '../time/TimeContext';
import { shown } from '../traces/model/search';
import classes from './Logs.module.css';
import { severityName, severityTone } from './logs-state';
import type { Line } from './use-logs';

type Props = {
  lines: readonly Line[];
  columns: readonly string[];
  chosen: string;
  choose(id: string): void;
  /** Called when the end comes into sight. */
  more?: (() => void) | undefined;
};

const rowHeight = 26;

/** Lines, of which only those in sight are drawn. */
export function LogRows({ lines, columns, chosen, choose, more }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const now = useTimeRange().now;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => lines[index]!.id,
    overscan: 16,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= lines.length - 30) more();
  }, [more, last, lines.length]);
  const at = chosen === '' ? -1 : lines.findIndex((line) => line.id === chosen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another choice scrolls; lines that arrive do not
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [chosen]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div ref={scroll} className={classes.rows} tabIndex={0} role="region" aria-label="Log records">
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, start, key }) => {
          const line = lines[index]!;
          const severity = severityName(line.severity);
          return (
            <button
              type="button"
              key={key}
              className={classes.row}
              data-tone={severityTone(severity)}
              aria-pressed={line.id === chosen}
              data-log-row
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => choose(line.id === chosen ? '' : line.id)}
            >
              <span className={classes.time}>{formatTime(toMillis(line.timeUnixNano), now, 'millis')}</span>
              <span className={classes.severity}>{severity}</span>
              <span className={classes.service}>
                <ServiceName service={line.service} />
              </span>
              {columns.map((column) => (
                <span key={column} className={classes.extra}>
                  {readable(shown(line.attributes[column] ?? line.origin[column] ?? ''), 120)}
                </span>
              ))}
              <span className={classes.body}>{readable(shown(line.body), 600)}</span>
              {line.traceId && <span className={classes.traced}>trace</span>}
            </button>
          );
        })}
      </div>
    </div>
  );
}
