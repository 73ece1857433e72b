import { Button, MultiSelect, Popover, SegmentedControl } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatBytes, formatCount, formatDuration, formatExact } from '../design/formats';
import { Partial } from '../design/Partial';
import { bytes, nanos } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useKeys } from '../frame/keys';
import { useTimeRange } from '../time/TimeContext';
import { fieldsOf } from './catalog';
import { SpanRows, TraceRows } from './ResultRows';
import classes from './Search.module.css';
import type { Search } from './use-search';

type Props = {
  search: Search;
  query: string;
  show: 'traces' | 'spans';
  setShow(show: 'traces' | 'spans'): void;
  columns: readonly string[];
  setColumns(columns: readonly string[]): void;
};

/** What was found, page after page. */
export function Results({ search, query, show, setShow, columns, setColumns }: Props) {
  const pages = search.data?.pages;
  const traces = useMemo(() => pages?.flatMap((page) => page.traces) ?? [], [pages]);
  const last = pages?.at(-1);
  const list = useRef<HTMLDivElement>(null);
  useRowKeys(list);
  useMore(list, search);
  const wrongQuery = search.isError && search.error.parameter === 'q';
  if (wrongQuery && traces.length === 0) return null;
  if (search.isError && !wrongQuery) return <Failure error={search.error} retry={() => void search.refetch()} />;
  if (search.isPending) return <WaitingRows count={12} />;
  return (
    <section ref={list} className={classes.results} data-stale={search.isPlaceholderData || wrongQuery} aria-label="Results">
      <div className={classes.resultBar}>
        <SegmentedControl
          aria-label="Show"
          value={show}
          onChange={(next) => setShow(next as 'traces' | 'spans')}
          data={[
            { value: 'traces', label: 'Traces' },
            { value: 'spans', label: 'Spans' },
          ]}
        />
        <span className={classes.hint} aria-live="polite">
          {formatExact(traces.length)}
          {search.hasNextPage ? '+' : ''} traces
          {last?.scanned &&
            `, ${formatCount(last.scanned.rows)} rows (${formatBytes(bytes(last.scanned.bytes))}) read in ${formatDuration(nanos(last.scanned.milliseconds * 1e6))}`}
        </span>
        {last && <Partial of={{ ...last, reasons: last.reasons.filter((reason) => reason.reason !== 'over_limit') }} />}
        <ColumnChoice columns={columns} setColumns={setColumns} />
      </div>
      {traces.length === 0 ? (
        <Nothing query={query} />
      ) : show === 'traces' ? (
        <TraceRows traces={traces} columns={columns} />
      ) : (
        <SpanRows traces={traces} columns={columns} />
      )}
      {search.hasNextPage && (
        <div className={classes.moreRow}>
          <Button variant="subtle" loading={search.isFetchingNextPage} onClick={() => void search.fetchNextPage()} data-more>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

function Nothing({ query }: { query: string }) {
  const range = useTimeRange();
  return (
    <Empty
      title="Nothing matches in this time"
      action={<Button onClick={() => range.set('24h')}>Look at the last 24 hours</Button>}
    >
      {query === '{}' ? (
        <>
          No spans are stored of this time. The <Link href="/connect">Connect</Link> room shows what arrives.
        </>
      ) : (
        'Take a condition away, or widen the time range. Attribute names need their scope (span.http.route, resource.service.name); a dot alone (.http.route) looks in both.'
      )}
    </Empty>
  );
}

function ColumnChoice({ columns, setColumns }: { columns: readonly string[]; setColumns(columns: readonly string[]): void }) {
  const range = useTimeRange();
  const [open, setOpen] = useState(false);
  const fields = useQuery({
    queryKey: ['fields', range.sinceUnixNano],
    queryFn: ({ signal }) => fieldsOf({ since: range.sinceUnixNano, until: range.untilUnixNano }, signal),
    enabled: open,
  });
  const attributes = (fields.data ?? []).filter((field) => field.includes('.'));
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340}>
      <Popover.Target>
        <Button className={classes.right!} leftSection={<IconColumns3 size={14} />} onClick={() => setOpen(!open)}>
          Columns{columns.length > 0 && ` (${columns.length})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <MultiSelect
          size="xs"
          label="Attributes as columns"
          searchable
          limit={50}
          data={[...new Set([...columns, ...attributes])].map((field) => ({ value: field, label: readable(field, 80) }))}
          value={[...columns]}
          onChange={setColumns}
          comboboxProps={{ withinPortal: false }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

/** j and k go from row to row; enter is the row's link. */
function useRowKeys(list: React.RefObject<HTMLElement | null>) {
  const step = (by: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  };
  useKeys('Results', [
    { keys: 'j or ArrowDown', label: 'Next result', run: () => step(1) },
    { keys: 'k or ArrowUp', label: 'Previous result', run: () => step(-1) },
  ]);
}

/** The next page is asked for when its place comes near. */
function useMore(list: React.RefObject<HTMLElement | null>, search: Search) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = search;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another end
  useEffect(() => {
    const end = list.current?.querySelector('[data-more]');
    if (!end || !hasNextPage || isFetchingNextPage) return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), { rootMargin: '400px' });
    watch.observe(end);
    return () => watch.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, search.data]);
}
