import { Button } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { Link } from 'wouter';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { formatCount, formatExact } from '../design/formats';
import { useTitle } from '../design/Page';
import { Partial } from '../design/Partial';
import { WaitingRows } from '../design/Waiting';
import { useKeys } from '../frame/keys';
import { useTimeRange } from '../time/TimeContext';
import { useUrlState } from '../url/url-state';
import { LogFacets } from './LogFacets';
import { LogFilter } from './LogFilter';
import { LogHistogram } from './LogHistogram';
import { LogPanel } from './LogPanel';
import { LogRows } from './LogRows';
import classes from './Logs.module.css';
import { logsCodecs, narrowed } from './logs-state';
import { linesOf, useLogs, useTail } from './use-logs';

/** Log records by what they say and carry: searched, followed as they arrive, and each with its trace and the lines around it. */
export default function LogsPage() {
  const [state, set] = useUrlState(logsCodecs);
  useTitle(state.text || state.q ? `Logs ${state.text} ${state.q}`.trim() : 'Logs');
  const found = useLogs(state, !state.tail);
  const tail = useTail(state, state.tail);
  const stored = useMemo(() => found.data?.pages.flatMap(linesOf) ?? [], [found.data]);
  const lines = state.tail ? tail.lines : stored;
  const choose = useCallback((record: string) => set({ record }), [set]);
  const narrow = (field: string, operator: '=' | '!=', value: string) =>
    set({ q: narrowed(state.q, field, operator, value) }, { push: true });
  const step = (by: number) => {
    const at = lines.findIndex((line) => line.id === state.record);
    const next = lines[at < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, at + by))];
    if (next) choose(next.id);
  };
  useKeys('Logs', [
    { keys: 'j or ArrowDown', label: 'Next record', run: () => step(1) },
    { keys: 'k or ArrowUp', label: 'Record before', run: () => step(-1) },
    { keys: 'Escape', label: 'Close the record', run: () => choose('') },
  ]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const toggleColumn = (name: string) =>
    set({ columns: state.columns.includes(name) ? state.columns.filter((one) => one !== name) : [...state.columns, name] });
  const wrong = found.error?.parameter === 'q' || found.error?.parameter === 'text';
  return (
    <div className={classes.page} data-panel={state.record !== ''}>
      <h1 className={classes.hidden}>Logs</h1>
      <LogFilter
        state={state}
        set={(change) => set({ ...change, record: '' }, { push: true })}
        setTail={(on) => set({ tail: on, record: '' }, { push: true })}
        error={found.error}
      />
      <LogFacets state={state} lines={lines} narrow={narrow} least={(severity) => set({ severity }, { push: true })} />
      <section className={classes.main} aria-label="Lines">
        {!state.tail && <LogHistogram state={state} />}
        <div className={classes.bar} aria-live={state.tail ? 'off' : 'polite'}>
          {state.tail ? (
            <TailState {...tail} count={lines.length} />
          ) : (
            <>
              {found.data && `${formatExact(lines.length)}${hasNextPage ? '+' : ''} lines, newest first`}
              <Partial
                of={
                  found.data && {
                    status: found.data.pages.at(-1)!.status,
                    reasons: found.data.pages.at(-1)!.reasons.filter((reason) => reason.reason !== 'over_limit'),
                  }
                }
              />
            </>
          )}
        </div>
        {state.tail || lines.length > 0 ? (
          <LogRows
            lines={lines}
            columns={state.columns}
            chosen={state.record}
            choose={choose}
            more={state.tail ? undefined : more}
          />
        ) : found.isPending ? (
          <WaitingRows count={14} />
        ) : found.isError && !wrong ? (
          <Failure error={found.error} retry={() => void found.refetch()} />
        ) : wrong ? null : (
          <Nothing filtered={Boolean(state.q || state.text || state.severity || state.trace)} />
        )}
      </section>
      {state.record !== '' && (
        <LogPanel
          id={state.record}
          narrow={narrow}
          columns={state.columns}
          toggleColumn={toggleColumn}
          choose={choose}
          close={() => choose('')}
        />
      )}
    </div>
  );
}

const tailWords = {
  connecting: 'Connecting…',
  live: 'Live: lines appear as they arrive.',
  paused: 'Paused.',
  broken: 'The connection broke; it is made again by itself.',
};

function TailState({ state, skipped, count }: { state: keyof typeof tailWords; skipped: number; count: number }) {
  return (
    <>
      <span className={classes.pulse} data-live={state === 'live'} />
      {tailWords[state]} {formatCount(count)} shown
      {skipped > 0 && `, ${formatCount(skipped)} passed by: more lines match than a tail shows; narrow the filter`}
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const range = useTimeRange();
  return (
    <Empty
      title={filtered ? 'No line matches in this time' : 'No logs in this time'}
      action={<Button onClick={() => range.set('24h')}>Look at the last 24 hours</Button>}
    >
      {filtered ? (
        'Take a condition away, or widen the time range. Attributes need their scope: log.order.id, resource.k8s.pod.name.'
      ) : (
        <>
          Send OTLP logs to the endpoint that takes your traces; the <Link href="/connect">Connect</Link> room has the settings.
        </>
      )}
    </Empty>
  );
}
