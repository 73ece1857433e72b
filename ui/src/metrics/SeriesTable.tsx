import { Button } from '@mantine/core';
import type { Series } from '../charts/TimeChart';
import { ForeignText } from '../design/ForeignText';
import { Panel } from '../design/Panel';
import { type Column, Table } from '../design/Table';
import { quoted, searchAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Metrics.module.css';
import { writeFilter } from './metric-state';
import { type Summary, summaryOf } from './metric-values';

type Row = Series & { labels: Record<string, string> };
type Props = {
  found: readonly Row[];
  by: readonly string[];
  format(value: number): string;
  narrow(filter: string[]): void;
};

/** The lines of the chart in figures: which is which, and what it was. */
export function SeriesTable({ found, by, format, narrow }: Props) {
  const rows = found
    .map((row) => ({ ...row, summary: summaryOf(row.values) }))
    .sort((a, b) => (b.summary?.mean ?? 0) - (a.summary?.mean ?? 0));
  const figure = (title: string, of: (summary: Summary) => number): Column<(typeof rows)[number]> => ({
    title,
    width: 110,
    align: 'right',
    cell: (row) => (row.summary ? format(of(row.summary)) : '–'),
  });
  const columns: Column<(typeof rows)[number]>[] = [
    {
      title: by.length === 0 ? 'All series' : by.join(' · '),
      cell: (row) => (
        <span className={classes.series}>
          <span className={classes.swatch} style={{ background: row.colour }} />
          <ForeignText text={row.name} />
        </span>
      ),
    },
    figure('Least', (summary) => summary.min),
    figure('Mean', (summary) => summary.mean),
    figure('Most', (summary) => summary.max),
    figure('Last', (summary) => summary.last),
    {
      title: '',
      width: 150,
      align: 'right',
      cell: (row) => (
        <span className={classes.actions}>
          {by.length > 0 && found.length > 1 && (
            <Button
              size="compact-xs"
              onClick={() => narrow(Object.entries(row.labels).map(([key, value]) => writeFilter({ key, is: true, value })))}
            >
              only this
            </Button>
          )}
          {row.labels.service && (
            <RoomLink className={classes.traces} to={searchAddress(`{ resource.service.name = ${quoted(row.labels.service)} }`)}>
              traces
            </RoomLink>
          )}
        </span>
      ),
    },
  ];
  return (
    <Panel flush>
      <Table label="Series" columns={columns} rows={rows} id={(row) => JSON.stringify(row.labels)} />
    </Panel>
  );
}
