import { useApi } from '../api/client';
import { Command, Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatDuration, formatOwner, formatRate, formatRatio } from '../design/formats';
import { Panel } from '../design/Panel';
import { ServiceName } from '../design/ServiceName';
import { type Column, Table } from '../design/Table';
import { nanos, ratio } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { HealthBadge, hasBaseline, withoutBaseline } from '../map/Health';
import { useTimeRange } from '../time/TimeContext';
import { quoted, searchAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Home.module.css';
import { byHealth, type MapAnswer, type ServiceRow } from './service-rows';

/** Services, the worst first; each figure leads to the traces behind it. */
export function ServicesPanel() {
  const range = useTimeRange();
  const params = { since: range.sinceUnixNano, until: range.untilUnixNano };
  const services = useApi('/api/services', params);
  const map = useApi<MapAnswer>('/api/map', params);
  const seconds = (range.until - range.since) / 1000;
  const rows = services.data ? byHealth(services.data.services, map.data, seconds) : [];
  const compared = map.data === undefined || map.data.nodes.length === 0 || hasBaseline(map.data.nodes);
  return (
    <Panel title="Services" note={compared ? 'worst first' : withoutBaseline} flush>
      <CatalogMistakes />
      {services.isPending ? (
        <WaitingRows count={6} />
      ) : services.isError && !services.data ? (
        <Failure error={services.error} retry={() => void services.refetch()} />
      ) : rows.length === 0 ? (
        <NoServices />
      ) : (
        <Table
          label="Services"
          columns={columns(compared)}
          rows={rows}
          id={(row) => row.service}
          to={(row) => searchAddress(`{ ${of(row)} }`)}
        />
      )}
    </Panel>
  );
}

/** A catalog that cannot be read leaves services without owners; only who looks at them can notice. */
function CatalogMistakes() {
  const problems = useApi('/api/catalog').data?.problems ?? [];
  if (problems.length === 0) return null;
  const first = problems[0]!;
  return (
    <p role="alert" className={classes.mistake}>
      The catalog says who owns what, and has {problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}:{' '}
      {readable(first.file, 200)}, line {first.line}: {readable([first.field, first.message].filter(Boolean).join(': '), 300)}
    </p>
  );
}

const of = (row: ServiceRow) => `resource.service.name = ${quoted(row.service)}`;

const columns = (compared: boolean): Column<ServiceRow>[] => [
  { title: 'Service', cell: (row) => <ServiceName service={row.service} /> },
  {
    title: 'Health',
    width: 100,
    cell: (row) =>
      row.health ? <HealthBadge of={{ health: row.health, healthReasons: row.reasons }} compared={compared} /> : null,
  },
  { title: 'Requests', width: 92, align: 'right', cell: (row) => formatRate(row.rate) },
  {
    title: 'Failed',
    width: 84,
    align: 'right',
    cell: (row) =>
      row.errorRatio > 0 ? (
        <RoomLink to={searchAddress(`{ ${of(row)} && status = error }`)} className={classes.failed}>
          {formatRatio(ratio(row.errorRatio))}
        </RoomLink>
      ) : (
        '0'
      ),
  },
  {
    title: 'Half within',
    width: 96,
    align: 'right',
    soft: true,
    cell: (row) => (row.p50 === null ? '–' : formatDuration(nanos(row.p50))),
  },
  {
    title: '95 % within',
    width: 96,
    align: 'right',
    cell: (row) =>
      row.p95 === null ? (
        '–'
      ) : (
        <RoomLink
          to={searchAddress(`{ ${of(row)} && duration >= ${Math.max(1, Math.round(row.p95 / 1e6))}ms }`)}
          className={classes.figure}
        >
          {formatDuration(nanos(row.p95))}
        </RoomLink>
      ),
  },
  { title: 'Versions', width: 120, soft: true, cell: (row) => readable(row.versions.join(', '), 80) },
  { title: 'Owner', width: 120, soft: true, cell: (row) => readable(formatOwner(row.owner ?? ''), 60) },
];

function NoServices() {
  return (
    <Empty
      title="No spans in this time"
      action={<Command text={`export OTEL_EXPORTER_OTLP_ENDPOINT=http://${window.location.hostname}:4317`} />}
    >
      Point an OpenTelemetry SDK at this server, or widen the time range. The Connect room has settings for every language, and
      shows live what arrives.
    </Empty>
  );
}
