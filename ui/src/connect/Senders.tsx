import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { ForeignText } from '../design/ForeignText';
import { formatCount, formatExact, formatRate } from '../design/formats';
import { ServiceName } from '../design/ServiceName';
import { type Column, Table } from '../design/Table';
import { millis } from '../design/units';
import { quoted, searchAddress } from '../url/addresses';
import classes from './Connect.module.css';

type Sender = Schemas['Sender'];
type Row = { key: string; first: Sender; signals: Map<string, Sender>; lastSeen: number };

const signals = ['traces', 'logs', 'metrics'] as const;
const silentMillis = 60_000;

/** One line per service and way of sending; its three signals beside each other. */
export function Senders({ senders, now, known }: { senders: readonly Sender[]; now: number; known: number }) {
  const rows = byService(senders);
  const columns: Column<Row>[] = [
    { title: 'Service', cell: ({ first }) => <ServiceName service={first.service || '(no service.name)'} /> },
    {
      title: 'SDK',
      width: 230,
      soft: true,
      cell: ({ first }) => (
        <ForeignText
          text={[first.sdk, first.sdkLanguage, first.sdkVersion].filter(Boolean).join(' ') || first.userAgent || 'unknown'}
        />
      ),
    },
    { title: 'Protocol', width: 150, soft: true, cell: ({ first }) => first.protocol },
    { title: 'From', width: 120, soft: true, cell: ({ first }) => <ForeignText text={first.peer ?? ''} /> },
    ...signals.map(
      (signal): Column<Row> => ({
        title: signal[0]!.toUpperCase() + signal.slice(1),
        width: 100,
        align: 'right',
        cell: ({ signals: sent }) => {
          const sender = sent.get(signal);
          return sender ? (
            <span title={`${formatExact(sender.items)} since it was first seen`}>{formatRate(sender.itemsPerSecond)}</span>
          ) : (
            <span className={classes.none}>none</span>
          );
        },
      }),
    ),
    {
      title: 'Last',
      width: 110,
      align: 'right',
      cell: ({ lastSeen }) =>
        now - lastSeen > silentMillis ? (
          <Badge tone="warning" explain="Nothing has come for more than a minute. Did it stop, or does it have nothing to say?">
            <Ago time={millis(lastSeen)} now={millis(now)} />
          </Badge>
        ) : (
          <Ago time={millis(lastSeen)} now={millis(now)} />
        ),
    },
  ];
  return (
    <>
      <Table
        label="Senders"
        columns={columns}
        rows={rows}
        id={(row) => row.key}
        to={(row) => searchAddress(`{ resource.service.name = ${quoted(row.first.service)} }`)}
      />
      {known > senders.length && (
        <p className={classes.more}>
          {formatCount(known)} senders are known; the latest {formatCount(senders.length)} are shown.
        </p>
      )}
    </>
  );
}

function byService(senders: readonly Sender[]): Row[] {
  const rows = new Map<string, Row>();
  for (const sender of senders) {
    const key = [sender.service, sender.sdk, sender.sdkLanguage, sender.sdkVersion, sender.protocol, sender.peer].join('\n');
    const row = rows.get(key) ?? { key, first: sender, signals: new Map(), lastSeen: 0 };
    row.signals.set(sender.signal, sender);
    row.lastSeen = Math.max(row.lastSeen, Date.parse(sender.lastSeen));
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => (a.first.service < b.first.service ? -1 : 1));
}
