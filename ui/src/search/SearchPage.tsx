import { SegmentedControl } from '@mantine/core';
import { useCallback } from 'react';
import { useTitle } from '../design/Page';
import { useVisit } from '../frame/recent';
import { searchAddress } from '../url/addresses';
import { useUrlState } from '../url/url-state';
import { selectionOf, withCondition } from './builder';
import { ComparePanel } from './ComparePanel';
import { addCondition } from './conditions';
import { Facets } from './Facets';
import { Heatmap } from './Heatmap';
import { QueryBar } from './QueryBar';
import { RateChart } from './RateChart';
import { Results } from './Results';
import classes from './Search.module.css';
import { parseRegion, searchCodecs, writeRegion } from './search-state';
import { useSearch } from './use-search';

/** Traces and spans by what they are: written or built, seen over time, narrowed by what they have. */
export default function SearchPage() {
  const [state, set] = useUrlState(searchCodecs);
  const search = useSearch(state.q);
  const region = parseRegion(state.region);
  useTitle(state.q === '{}' ? 'Search' : `Search ${state.q}`);
  useVisit(state.q === '{}' || search.isError ? null : state.q, searchAddress(state.q));
  const setQuery = useCallback((q: string) => set({ q: q.trim() === '' ? '{}' : q, region: '' }, { push: true }), [set]);
  const narrow = useCallback(
    (field: string, operator: '=' | '!=', value: string) => {
      const next = withCondition(state.q, { field, operator, value }) ?? addCondition(state.q, `${field} ${operator} ${value}`);
      setQuery(next);
    },
    [state.q, setQuery],
  );
  const selection = selectionOf(state.q);
  const metrics = !search.isError || search.error.parameter !== 'q';
  return (
    <div className={classes.page}>
      <QueryBar
        query={state.q}
        setQuery={setQuery}
        mode={state.mode}
        setMode={(mode) => set({ mode })}
        error={search.error}
        busy={search.isFetching}
        autoFocus={state.focus}
      />
      <div className={classes.body}>
        <Facets query={selection} narrow={narrow} enabled={metrics} />
        <div className={classes.main}>
          {metrics && (
            <section className={classes.charts}>
              <div className={classes.chartBar}>
                <SegmentedControl
                  aria-label="Chart"
                  value={state.chart}
                  onChange={(chart) => set({ chart: chart as typeof state.chart })}
                  data={[
                    { value: 'rate', label: 'Over time' },
                    { value: 'latency', label: 'Latency' },
                  ]}
                />
                <span className={classes.hint}>
                  {state.chart === 'rate' ? 'Drag to zoom in.' : 'Drag over what looks odd: it is compared with the rest.'}
                </span>
              </div>
              {state.chart === 'rate' ? (
                <RateChart selection={selection} />
              ) : (
                <Heatmap
                  selection={selection}
                  region={region}
                  setRegion={(next) => set({ region: next ? writeRegion(next) : '' }, { push: true })}
                />
              )}
            </section>
          )}
          {state.chart === 'latency' && region && (
            <ComparePanel selection={selection} region={region} narrow={narrow} close={() => set({ region: '' })} />
          )}
          <Results
            search={search}
            query={state.q}
            show={state.show}
            setShow={(show) => set({ show })}
            columns={state.columns}
            setColumns={(columns) => set({ columns })}
          />
        </div>
      </div>
    </div>
  );
}
