import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type Millis, millis } from '../design/units';
import { useUrlState } from '../url/url-state';
import { type ResolvedRange, resolveRange, writePoint } from './range';
import { timeCodecs } from './time-codecs';

const liveMillis = 5_000;
/** Who comes back to a page after this long wants to see what is now. */
const staleMillis = 30_000;

type TimeRange = ResolvedRange & {
  /** As in the address: `1h`, or a point in time. */
  sinceText: string;
  untilText: string;
  isRelative: boolean;
  live: boolean;
  now: Millis;
  set(since: string, until?: string): void;
  zoom(since: Millis, until: Millis): void;
  setLive(live: boolean): void;
  refresh(): void;
};

const Context = createContext<TimeRange | null>(null);

const now = () => millis(Math.floor(Date.now() / 1000) * 1000);

/**
 * The time range of the whole console. It stands in the address; `1h` becomes two points in time once, so that all panels of a page
 * show the same hour, until it is refreshed or live.
 */
export function TimeContext({ children }: { children: ReactNode }) {
  const [state, setState] = useUrlState(timeCodecs);
  const [anchor, setAnchor] = useState(now);
  const [location] = useLocation();
  const search = useSearch();
  const refresh = useCallback(() => setAnchor(now()), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page, not a new anchor, asks for a new now
  useEffect(() => setAnchor((old) => (Date.now() - old > staleMillis ? now() : old)), [location]);
  useEffect(() => {
    if (!state.live) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), liveMillis);
    return () => clearInterval(timer);
  }, [state.live, refresh]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: set writes into the address of now, so it changes with the address
  const value = useMemo<TimeRange>(
    () => ({
      ...resolveRange(state.since, state.until, anchor),
      sinceText: state.since,
      untilText: state.until,
      isRelative: state.until === '',
      live: state.live,
      now: anchor,
      set: (since, until = '') => {
        refresh();
        setState({ since, until, live: state.live && until === '' }, { push: true });
      },
      zoom: (since, until) =>
        setState(
          { since: writePoint(since), until: writePoint(millis(Math.max(until, since + 1000))), live: false },
          { push: true },
        ),
      setLive: (live) => {
        refresh();
        setState(live ? { live, until: '' } : { live });
      },
      refresh,
    }),
    [state, anchor, search, setState, refresh],
  );
  return <Context value={value}>{children}</Context>;
}

export function useTimeRange(): TimeRange {
  const value = useContext(Context);
  if (!value) throw new Error('useTimeRange stands outside TimeContext.');
  return value;
}
