import { ActionIcon, MultiSelect, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useApi } from '../api/client';
import { readable } from '../design/foreign-text';
import type { Params } from '../url/addresses';
import classes from './Metrics.module.css';
import { keysOf, parseFilter, writeFilter } from './metric-state';

type State = { by: readonly string[]; filter: readonly string[] };
type Props = { asked: Params; state: State; set(change: Partial<State>): void };

const valuesMax = 60;

/** What the metric is split by, and which of its series count. */
export function MetricSplit({ asked, state, set }: Props) {
  const series = useApi('/api/metrics/series', { ...asked, filter: undefined, limit: 1000 });
  const keys = keysOf(series.data?.series ?? []);
  const names = [...new Set([...keys.map((one) => one.key), ...state.by])];
  const choices = keys
    .filter((one) => one.values.length > 1)
    .map(({ key, values }) => ({
      group: readable(key, 100),
      items: values
        .slice(0, valuesMax)
        .map((value) => ({ value: writeFilter({ key, is: true, value }), label: readable(value, 120) || '(empty)' }))
        .filter((one) => !state.filter.includes(one.value)),
    }));
  const without = (written: string) => state.filter.filter((one) => one !== written);
  return (
    <div className={classes.controls}>
      <MultiSelect
        size="xs"
        searchable
        className={classes.split}
        aria-label="Split by"
        placeholder={state.by.length === 0 ? 'Split by …' : ''}
        data={names.map((name) => ({ value: name, label: readable(name, 100) }))}
        value={[...state.by]}
        onChange={(by) => set({ by })}
        maxValues={4}
        nothingFoundMessage="No attribute has this name"
      />
      <Select
        searchable
        className={classes.filter}
        aria-label="Add a filter"
        placeholder="Only where …"
        data={choices}
        value={null}
        onChange={(written) => written && set({ filter: [...without(written), written] })}
        nothingFoundMessage="No series differ in this"
      />
      {state.filter.map((written) => {
        const filter = parseFilter(written);
        if (!filter) return null;
        const shown = `${readable(filter.key, 60)} ${filter.is ? 'is' : 'is not'} ${readable(filter.value, 60) || 'absent'}`;
        return (
          <span key={written} className={classes.chip}>
            <button
              type="button"
              title="Turn around"
              onClick={() => set({ filter: [...without(written), writeFilter({ ...filter, is: !filter.is })] })}
            >
              {shown}
            </button>
            <ActionIcon size={18} aria-label={`Take away: ${shown}`} onClick={() => set({ filter: without(written) })}>
              <IconX size={12} />
            </ActionIcon>
          </span>
        );
      })}
    </div>
  );
}
