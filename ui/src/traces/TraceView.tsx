import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { WaitingRows } from '../design/Waiting';
import { useKeys } from '../frame/keys';
import { useUrlState } from '../url/url-state';
import { SpanPanel } from './details/SpanPanel';
import type { TraceColumns } from './model/columns';
import type { TraceWorker } from './model/trace-talk';
import type { TraceHead } from './model/trace-types';
import { ServiceBar } from './ServiceBar';
import { Toolbar } from './Toolbar';
import classes from './TracePage.module.css';
import { parseWindow, traceCodecs } from './trace-state';
import { useFolding } from './use-folding';
import type { LoadedTrace } from './use-trace';
import { Waterfall } from './waterfall/Waterfall';
import { WhyPanel } from './why/WhyPanel';

const FlameGraph = lazy(() => import('./flame/FlameGraph'));
const CallGraph = lazy(() => import('./calls/CallGraph'));
const TraceLogs = lazy(() => import('./TraceLogs'));
const TraceJson = lazy(() => import('./TraceJson'));

export type ReadyTrace = LoadedTrace & { head: TraceHead; columns: TraceColumns; worker: TraceWorker };

const nobody: ReadonlySet<number> = new Set();

/** The views of a trace and what they share: the chosen span, the search, the chosen time. */
export function TraceView({ trace }: { trace: ReadyTrace }) {
  const { head, columns, worker, done } = trace;
  const [state, set] = useUrlState(traceCodecs);
  const [bright, setBright] = useState<ReadonlySet<number> | null>(null);
  const selected = useMemo(() => (state.span ? columns.ids.indexOf(state.span) : -1), [columns, state.span]);
  const select = useCallback((span: number) => set({ span: columns.ids[span] ?? '', panel: '' }), [columns, set]);
  const folding = useFolding(columns, state.folds, selected);
  const start = useMemo(() => (state.align ? aligned(columns) : columns.start), [columns, state.align]);
  const whole = useMemo(() => extent(columns, start, head.durationNano ?? 0), [columns, start, head]);
  const window = parseWindow(state.window) ?? whole;
  const setWindow = useCallback(
    (next: { from: number; to: number } | null) =>
      set({ window: next ? `${Math.max(0, Math.round(next.from))}-${Math.max(1, Math.round(next.to))}` : '' }),
    [set],
  );
  const found = useQuery({
    queryKey: ['find', head.traceId, state.find, columns.count],
    queryFn: () => worker.ask<'search'>({ ask: 'search', text: state.find }),
    enabled: state.find.trim() !== '',
    gcTime: 5_000,
  });
  const matches = useMemo(() => (state.find.trim() === '' ? [] : [...(found.data ?? [])]), [state.find, found.data]);
  const matchSet = useMemo(() => (matches.length === 0 ? nobody : new Set(matches)), [matches]);
  const toMatch = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const next =
      by > 0
        ? (matches.find((span) => span > selected) ?? matches[0]!)
        : (matches.findLast((span) => span < selected) ?? matches.at(-1)!);
    select(next);
  };
  useKeys('Trace', [
    { keys: '/', label: 'Search in this trace', run: () => document.querySelector<HTMLInputElement>('[data-find]')?.focus() },
    { keys: 'n', label: 'Next match', run: () => toMatch(1) },
    { keys: 'N', label: 'Previous match', run: () => toMatch(-1) },
    { keys: 'f', label: 'Fold repeated calls, or not', run: () => set({ folds: !state.folds }) },
    { keys: 'c', label: 'Critical path, or not', run: () => set({ critical: !state.critical }) },
    { keys: 'w', label: 'Why?', run: () => set({ panel: 'why', span: '' }) },
    { keys: 'Escape', label: 'Close details', run: () => set({ span: '', panel: '' }) },
    ...(['waterfall', 'flame', 'calls', 'logs', 'json'] as const).map((view, i) => ({
      keys: `${i + 1}`,
      label: `View: ${view}`,
      run: () => set({ view }),
    })),
  ]);

  return (
    <>
      <Toolbar
        trace={trace}
        folding={folding}
        matches={matches.length}
        at={matches.indexOf(selected)}
        toMatch={toMatch}
        searching={found.isFetching}
      />
      <ServiceBar columns={columns} bright={bright} setBright={setBright} folding={folding} />
      <div className={classes.split}>
        <div className={classes.main}>
          <Suspense fallback={<WaitingRows />}>
            {state.view === 'waterfall' && (
              <Waterfall
                columns={columns}
                start={start}
                rows={folding.rows}
                whole={whole}
                window={window}
                setWindow={setWindow}
                selected={selected}
                select={select}
                isOpen={folding.isOpen}
                toggle={folding.toggle}
                matches={matchSet}
                bright={bright}
                critical={state.critical}
              />
            )}
            {state.view === 'flame' && <FlameGraph columns={columns} select={select} />}
            {state.view === 'calls' && <CallGraph columns={columns} select={select} />}
            {state.view === 'logs' && <TraceLogs worker={worker} head={head} columns={columns} select={select} />}
            {state.view === 'json' && <TraceJson id={head.traceId} />}
          </Suspense>
          {!done && (
            <div className={classes.loading}>
              {Math.round((trace.count / Math.max(1, head.spanCount)) * 100)} % of the spans are here
            </div>
          )}
        </div>
        {state.panel === 'why' ? (
          <aside className={classes.side} aria-label="Why">
            <WhyPanel head={head} columns={columns} select={select} close={() => set({ panel: '' })} />
          </aside>
        ) : (
          selected >= 0 && (
            <aside className={classes.side} aria-label="Span details">
              <SpanPanel
                worker={worker}
                head={head}
                columns={columns}
                span={selected}
                select={select}
                close={() => set({ span: '' })}
              />
            </aside>
          )
        )}
      </div>
    </>
  );
}

/** Starts with the estimated offsets of the clocks taken out. */
function aligned(columns: TraceColumns): Float64Array {
  return columns.start.map((start, span) => start - columns.offsets[columns.resource[span]!]!);
}

function extent(columns: TraceColumns, start: Float64Array, duration: number): { from: number; to: number } {
  let from = 0;
  let to = Math.max(1, duration);
  for (let i = 0; i < columns.count; i++) {
    if (start[i]! < from) from = start[i]!;
    const end = start[i]! + columns.duration[i]!;
    if (end > to) to = end;
  }
  return { from, to };
}
