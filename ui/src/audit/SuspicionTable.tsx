import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { ForeignText } from '../design/ForeignText';
import { type Column, Table } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { actorAddress } from '../url/addresses';
import { severityTone } from './entries';

type Suspicion = Schemas['Suspicion'];

/** What the rules found in what was done; a row leads to its actor. */
export function SuspicionTable({ suspicions, now }: { suspicions: readonly Suspicion[]; now: Millis }) {
  return (
    <Table
      label="Suspicions"
      columns={columns(now)}
      rows={suspicions}
      id={(one) => `${one.rule} ${one.actor} ${one.lastUnixNano} ${one.numbers.join()}`}
      to={(one) => actorAddress(one.actor)}
    />
  );
}

const columns = (now: Millis): Column<Suspicion>[] => [
  { title: 'What', cell: (one) => <ForeignText text={one.sentence} /> },
  { title: 'Severity', width: 100, cell: (one) => <Badge tone={severityTone(one.severity)}>{one.severity}</Badge> },
  { title: 'Rule', width: 180, soft: true, cell: (one) => <ForeignText text={one.rule} /> },
  { title: 'When', width: 100, align: 'right', cell: (one) => <Ago time={toMillis(one.lastUnixNano)} now={now} /> },
];
