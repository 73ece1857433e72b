import { SegmentedControl, TextInput } from '@mantine/core';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useApi } from '../api/client';
import { CopyButton } from '../design/CopyButton';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { formatTime } from '../design/formats';
import { useTitle } from '../design/Page';
import { Partial } from '../design/Partial';
import { toUnixNano } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useKeys } from '../frame/keys';
import { useTimeRange } from '../time/TimeContext';
import { choice, text, useUrlState } from '../url/url-state';
import { SavedViews } from '../views/SavedViews';
import { hasBaseline, withoutBaseline } from './Health';
import classes from './Map.module.css';
import { MapDetails } from './MapDetails';
import { MapList } from './MapList';
import { edgesWithLosses } from './map-parts';
import { momentOf, notches, notchOf, windowOf } from './moment';

const MapGraph = lazy(() => import('./MapGraph'));

const codecs = { view: choice('map', 'list'), at: text(), chosen: text(), only: text() };

/** Who asks whom, how well, and where traces break; at any moment of the range. */
export default function MapPage() {
  useTitle('Map');
  const range = useTimeRange();
  const [state, set] = useUrlState(codecs);
  const window = windowOf(range, state.at);
  const times = { since: toUnixNano(window.since), until: toUnixNano(window.until) };
  const answer = useApi('/api/map', times);
  const lost = useApi('/api/lost-context', { ...times, limit: 50 });
  const edges = useMemo(() => (answer.data ? edgesWithLosses(answer.data, lost.data) : []), [answer.data, lost.data]);
  const laid = useWhole(state.at !== '' && state.only === '');
  const shown = useMemo(() => narrow(answer.data?.nodes ?? [], edges, state.only), [answer.data, edges, state.only]);
  const byId = useMemo(() => new Map(answer.data?.nodes.map((node) => [node.id, node])), [answer.data]);
  const choose = useCallback((chosen: string) => set({ chosen }), [set]);
  useKeys('Map', [
    { keys: 'Escape', label: 'Close the details', run: () => choose('') },
    { keys: 'v', label: 'Map or list', run: () => set({ view: state.view === 'map' ? 'list' : 'map' }) },
  ]);
  const chosen = byId.get(state.chosen) ?? edges.find((edge) => edge.id === state.chosen);
  return (
    <div className={classes.page} data-details={chosen !== undefined}>
      <header className={classes.bar}>
        <h1>Map</h1>
        <SegmentedControl
          aria-label="View"
          value={state.view}
          onChange={(view) => set({ view: view as typeof state.view })}
          data={[
            { value: 'map', label: 'Map' },
            { value: 'list', label: 'List' },
          ]}
        />
        <TextInput
          aria-label="Only names with"
          placeholder="Only names with…"
          value={state.only}
          onChange={(event) => set({ only: event.currentTarget.value })}
          className={classes.only!}
        />
        <Partial of={answer.data as never} />
        {shown.nodes.length > 0 && !hasBaseline(shown.nodes) && <span className={classes.note}>{withoutBaseline}</span>}
        <Slider at={state.at} set={(at) => set({ at })} />
        <SavedViews suggested={state.only} />
        <CopyButton text={globalThis.location.href} label="Copy the address of this view" size={28} />
      </header>
      <div className={classes.canvas}>
        {answer.isPending ? (
          <WaitingRows count={10} />
        ) : answer.isError ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : shown.nodes.length === 0 ? (
          <Nothing only={state.only} />
        ) : state.view === 'list' ? (
          <MapList {...shown} chosen={state.chosen} />
        ) : (
          <Suspense fallback={<WaitingRows count={10} />}>
            <MapGraph
              {...shown}
              laid={laid ? joined(laid, shown) : shown}
              whole={state.only === ''}
              chosen={state.chosen}
              choose={choose}
            />
          </Suspense>
        )}
      </div>
      {chosen && <MapDetails of={chosen} nodes={byId} window={window} close={() => choose('')} />}
    </div>
  );
}

type Shown = Pick<Parameters<typeof MapList>[0], 'nodes' | 'edges'>;

/** The map of the whole range, where only a moment of it is shown: each node keeps its place while the slider moves. */
function useWhole(enabled: boolean): Shown | null {
  const range = useTimeRange();
  const times = { since: toUnixNano(range.since), until: toUnixNano(range.until) };
  const answer = useApi('/api/map', times, { enabled });
  const lost = useApi('/api/lost-context', { ...times, limit: 50 }, { enabled });
  return useMemo(
    () => (enabled && answer.data ? { nodes: answer.data.nodes, edges: edgesWithLosses(answer.data, lost.data) } : null),
    [enabled, answer.data, lost.data],
  );
}

function joined(whole: Shown, shown: Shown): Shown {
  const nodes = new Map([...whole.nodes, ...shown.nodes].map((node) => [node.id, node]));
  const edges = new Map([...whole.edges, ...shown.edges].map((edge) => [edge.id, edge]));
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** Nodes whose name has the text, with their neighbours. */
function narrow(nodes: Shown['nodes'], edges: Shown['edges'], only: string): Shown {
  const wanted = only.trim().toLowerCase();
  if (wanted === '') return { nodes, edges };
  const found = new Set(nodes.filter((node) => node.name.toLowerCase().includes(wanted)).map((node) => node.id));
  const kept = edges.filter((edge) => found.has(edge.from) || found.has(edge.to));
  const around = new Set([...found, ...kept.flatMap((edge) => [edge.from, edge.to])]);
  return { nodes: nodes.filter((node) => around.has(node.id)), edges: kept };
}

/** A moment of the range. While it is dragged only the label follows; the map comes when it is let go. */
function Slider({ at, set }: { at: string; set(at: string): void }) {
  const range = useTimeRange();
  const [drag, setDrag] = useState<number | null>(null);
  const notch = drag ?? notchOf(range, at);
  const shown = windowOf(range, momentOf(range, notch));
  const label =
    notch >= notches
      ? 'whole range'
      : `${formatTime(shown.since, range.now, 'minutes')} to ${formatTime(shown.until, range.now, 'minutes')}`;
  const finish = () => {
    if (drag !== null) set(momentOf(range, drag));
    setDrag(null);
  };
  return (
    <label className={classes.slider}>
      <span>At</span>
      <input
        type="range"
        min={1}
        max={notches}
        value={notch}
        aria-label="Moment of the range"
        aria-valuetext={label}
        onChange={(event) => setDrag(Number(event.currentTarget.value))}
        onPointerUp={finish}
        onKeyUp={finish}
        onBlur={finish}
      />
      <span className={classes.moment}>{label}</span>
    </label>
  );
}

function Nothing({ only }: { only: string }) {
  if (only) return <Empty title="No name has this text">Take it away to see the whole map.</Empty>;
  return (
    <Empty title="No calls in this time">
      The map is drawn from spans of kind server, client, producer and consumer, about a minute after they arrive. The{' '}
      <Link href="/connect">Connect</Link> room shows what arrives.
    </Empty>
  );
}
