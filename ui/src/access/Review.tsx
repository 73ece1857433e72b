import { useApi } from '../api/client';
import { Badge } from '../design/Badge';
import { Failure } from '../design/Failure';
import { Panel } from '../design/Panel';
import { Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import { day, limits } from './grants';

/** Everybody and everything that may see something here. */
export function Review() {
  const review = useApi('/api/access/review');
  // On an open server there is nobody to review; the page says so.
  if (review.data?.rows.length === 0) return null;
  return (
    <Panel title="Review" note="Who may see what, and what to look at" flush>
      {review.isPending ? (
        <WaitingRows count={4} />
      ) : review.isError ? (
        <Failure error={review.error} retry={() => void review.refetch()} />
      ) : (
        <Table
          label="Who may see what"
          rows={review.data.rows}
          id={(row) => `${row.kind} ${row.name} ${row.role} ${row.tenant}`}
          columns={[
            { title: 'Kind', cell: (row) => row.kind, width: 90 },
            { title: 'Name', cell: (row) => row.name },
            { title: 'May', cell: (row) => <span title={row.permissions.join(', ')}>{limits(row)}</span> },
            { title: 'Active', cell: (row) => (row.active ? 'yes' : <Badge tone="warning">no</Badge>), width: 70 },
            { title: 'Seen', cell: (row) => day(row.lastSeenUnixNano) || 'not since start', soft: true, width: 130 },
            { title: 'Look at', cell: (row) => row.remarks.join(' ') },
          ]}
        />
      )}
    </Panel>
  );
}
