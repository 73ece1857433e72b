import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge, type Tone } from '../design/Badge';
import { ForeignText } from '../design/ForeignText';
import { formatExact } from '../design/formats';
import type { Column } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { actorAddress, traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';

export type Entry = Schemas['AuditEntry'];

/** The columns of a list of entries; an actor's own page leaves the actor out. */
export const entryColumns = (now: Millis, withActor = true): Column<Entry>[] => [
  { title: 'Number', width: 90, align: 'right', soft: true, cell: (entry) => formatExact(entry.number) },
  ...(withActor
    ? [
        {
          title: 'Who',
          width: 160,
          cell: (entry: Entry) => (
            <RoomLink to={actorAddress(entry.actor.id)}>
              <ForeignText text={entry.actor.id} />
            </RoomLink>
          ),
        },
      ]
    : []),
  { title: 'Action', width: 200, cell: (entry) => <ForeignText text={entry.action} /> },
  {
    title: 'Resource',
    cell: (entry) =>
      entry.erased ? (
        <Badge explain="The key of the person it was about was erased. The proof of the entry stays.">forgotten</Badge>
      ) : (
        <ForeignText text={entry.resource ?? ''} />
      ),
  },
  { title: 'Outcome', width: 110, cell: (entry) => <Outcome entry={entry} /> },
  { title: 'From', width: 130, soft: true, cell: (entry) => <ForeignText text={entry.actor.address ?? ''} /> },
  {
    title: 'Trace',
    width: 90,
    cell: (entry) => entry.traceId && <RoomLink to={traceAddress(entry.traceId)}>{entry.traceId.slice(0, 8)}</RoomLink>,
  },
  { title: 'When', width: 100, align: 'right', cell: (entry) => <Ago time={toMillis(entry.timeUnixNano)} now={now} /> },
];

function Outcome({ entry }: { entry: Entry }) {
  if (!entry.genuine)
    return (
      <Badge tone="error" explain="The row no longer fits the hash it was stored with: it was changed.">
        changed
      </Badge>
    );
  return entry.outcome === 'done' ? 'done' : <Badge tone="warning">{entry.outcome}</Badge>;
}

export const severityTone = (severity: string): Tone =>
  severity === 'high' ? 'error' : severity === 'medium' ? 'warning' : 'plain';
