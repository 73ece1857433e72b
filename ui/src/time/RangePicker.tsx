import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconCalendarTime, IconRefresh, IconZoomOut } from '@tabler/icons-react';
import { useIsFetching } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatTime } from '../design/formats';
import { millis } from '../design/units';
import classes from './RangePicker.module.css';
import { describeAgo, parsePoint, presets, writePoint } from './range';
import { useTimeRange } from './TimeContext';

/** The time range of the page: how long ago, or from and to; zoom out, refresh, live. */
export function RangePicker() {
  const range = useTimeRange();
  const [opened, setOpened] = useState(false);
  const fetching = useIsFetching() > 0;
  const label = range.isRelative
    ? describeAgo(range.sinceText)
    : `${formatTime(range.since, range.now)} – ${formatTime(range.until, range.now)}`;
  const zoomOut = () => {
    const width = range.until - range.since;
    range.zoom(millis(range.since - width / 2), millis(Math.min(Date.now(), range.until + width / 2)));
  };
  return (
    <div className={classes.group}>
      <Tooltip label="Zoom out to twice the time">
        <ActionIcon aria-label="Zoom out" onClick={zoomOut}>
          <IconZoomOut size={16} />
        </ActionIcon>
      </Tooltip>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
        <Popover.Target>
          <Button
            leftSection={<IconCalendarTime size={15} />}
            onClick={() => setOpened(!opened)}
            aria-expanded={opened}
            data-testid="range"
          >
            {label}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={0}>
          <RangeForm close={() => setOpened(false)} />
        </Popover.Dropdown>
      </Popover>
      <Tooltip label="Load again">
        <ActionIcon aria-label="Refresh" onClick={range.refresh} data-busy={fetching}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={range.live ? 'Stop following' : 'Follow what arrives, every 5 seconds'}>
        <Button
          variant="subtle"
          color="gray"
          className={classes.live!}
          data-live={range.live}
          aria-pressed={range.live}
          leftSection={<span className={classes.dot} />}
          onClick={() => range.setLive(!range.live)}
        >
          Live
        </Button>
      </Tooltip>
    </div>
  );
}

function RangeForm({ close }: { close(): void }) {
  const range = useTimeRange();
  const [since, setSince] = useState(range.isRelative ? range.sinceText : writePoint(range.since));
  const [until, setUntil] = useState(range.isRelative ? 'now' : writePoint(range.until));
  const [wrong, setWrong] = useState<{ since?: string; until?: string }>({});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const now = millis(Date.now());
    const end = parsePoint(until, now);
    const start = end === null ? null : parsePoint(since, end);
    if (end === null) return setWrong({ until: 'Not a time. Write 10:30, 2026-11-24 10:30, 15m or now.' });
    if (start === null) return setWrong({ since: 'Not a time. Write 1h, 10:30 or 2026-11-24 10:30.' });
    if (start >= end) return setWrong({ since: 'This lies after the end.' });
    range.set(since.trim(), until.trim() === 'now' ? '' : until.trim());
    close();
  };
  return (
    <div className={classes.form}>
      <div className={classes.presets}>
        {presets.map((preset) => (
          <button
            type="button"
            key={preset}
            className={classes.preset}
            aria-pressed={range.isRelative && range.sinceText === preset}
            onClick={() => {
              range.set(preset);
              close();
            }}
          >
            {describeAgo(preset)}
          </button>
        ))}
      </div>
      <form className={classes.points} onSubmit={submit}>
        <TextInput
          label="From"
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
          error={wrong.since}
          data-autofocus
        />
        <TextInput label="To" value={until} onChange={(event) => setUntil(event.currentTarget.value)} error={wrong.until} />
        <p className={classes.hint}>
          A time ago (45m, 2d), a time today (10:30) or a date with a time. Dragging over any chart zooms in.
        </p>
        <Button type="submit" variant="filled">
          Show
        </Button>
      </form>
    </div>
  );
}
