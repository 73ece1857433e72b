import { ActionIcon, Button, Menu, SegmentedControl, Switch, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconLayersSubtract, IconSearch } from '@tabler/icons-react';
import { formatExact } from '../design/formats';
import { useUrlState } from '../url/url-state';
import { Mark } from './model/columns';
import classes from './TracePage.module.css';
import type { ReadyTrace } from './TraceView';
import { traceCodecs } from './trace-state';
import type { useFolding } from './use-folding';

type Props = {
  trace: ReadyTrace;
  folding: ReturnType<typeof useFolding>;
  matches: number;
  at: number;
  searching: boolean;
  toMatch(by: 1 | -1): void;
};

export function Toolbar({ trace: { columns }, folding, matches, at, searching, toMatch }: Props) {
  const [state, set] = useUrlState(traceCodecs);
  const skewed = columns.marks.some((marks) => marks & Mark.skewed);
  return (
    <div className={classes.bar}>
      <SegmentedControl
        aria-label="View"
        value={state.view}
        onChange={(view) => set({ view: view as typeof state.view })}
        data={[
          { value: 'waterfall', label: 'Waterfall' },
          { value: 'flame', label: 'Flame graph' },
          { value: 'calls', label: 'Calls' },
          { value: 'logs', label: 'Logs' },
          { value: 'json', label: 'JSON' },
        ]}
      />
      <TextInput
        className={classes.find!}
        data-find
        aria-label="Search in this trace"
        placeholder="Search in this trace, or key=value"
        leftSection={<IconSearch size={14} />}
        value={state.find}
        onChange={(event) => set({ find: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') toMatch(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {state.find.trim() !== '' && (
        <span className={classes.matches} aria-live="polite">
          {searching
            ? 'Searching …'
            : at >= 0
              ? `${formatExact(at + 1)} of ${formatExact(matches)}`
              : matches === 1
                ? '1 match'
                : `${formatExact(matches)} matches`}
          <ActionIcon aria-label="Previous match" disabled={matches === 0} onClick={() => toMatch(-1)}>
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon aria-label="Next match" disabled={matches === 0} onClick={() => toMatch(1)}>
            <IconArrowDown size={14} />
          </ActionIcon>
        </span>
      )}
      {state.view === 'waterfall' && (
        <>
          <Menu>
            <Menu.Target>
              <Button className={classes.spread!} leftSection={<IconLayersSubtract size={15} />}>
                Collapse
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={folding.openAll}>Expand all</Menu.Item>
              {[0, 1, 2, 3, 4].map((depth) => (
                <Menu.Item key={depth} onClick={() => folding.closeAt(depth)}>
                  {depth === 0 ? 'Only the roots' : `Down to depth ${depth}`}
                </Menu.Item>
              ))}
              {columns.services.length > 1 && columns.services.length <= 30 && <Menu.Label>Inner spans of</Menu.Label>}
              {columns.services.length > 1 &&
                columns.services.length <= 30 &&
                columns.services.map((service, i) => (
                  <Menu.Item key={service} onClick={() => folding.toggleQuiet(i)}>
                    {folding.quiet.has(i) ? 'Show' : 'Hide'}: {service}
                  </Menu.Item>
                ))}
            </Menu.Dropdown>
          </Menu>
          <Tooltip label="Calls that one parent makes again and again are one row (f)">
            <Switch
              label="Fold repeats"
              checked={state.folds}
              onChange={(event) => set({ folds: event.currentTarget.checked })}
            />
          </Tooltip>
          <Tooltip label="The line under the bars: what the answer was waiting for (c)">
            <Switch
              label="Critical path"
              checked={state.critical}
              onChange={(event) => set({ critical: event.currentTarget.checked })}
            />
          </Tooltip>
          {skewed && (
            <Tooltip label="Some clocks seem to be off. This takes the estimated difference out of the picture; what is stored stays as it was sent.">
              <Switch
                label="Align clocks"
                checked={state.align}
                onChange={(event) => set({ align: event.currentTarget.checked })}
              />
            </Tooltip>
          )}
        </>
      )}
    </div>
  );
}
