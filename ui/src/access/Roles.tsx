import { useApi } from '../api/client';
import { Failure } from '../design/Failure';
import { Panel } from '../design/Panel';
import { Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import classes from './Access.module.css';

/** The roles there are, and what each allows. */
export function Roles() {
  const listing = useApi('/api/access/roles');
  return (
    <Panel title="Roles" note="Others are written in access.yaml" flush>
      {listing.data?.errors.map((error) => (
        <p key={`${error.line} ${error.field}`} role="alert" className={classes.problem}>
          {listing.data.file}, line {error.line}, {error.field}: {error.message}
        </p>
      ))}
      {listing.isPending ? (
        <WaitingRows count={4} />
      ) : listing.isError ? (
        <Failure error={listing.error} retry={() => void listing.refetch()} />
      ) : (
        <Table
          label="Roles"
          rows={listing.data.roles}
          id={(role) => role.name}
          columns={[
            { title: 'Role', cell: (role) => role.name, width: 140 },
            { title: 'From', cell: (role) => (role.builtIn ? 'built in' : listing.data.file), soft: true, width: 110 },
            {
              title: 'Permissions',
              cell: (role) => <span title={role.permissions.join(', ')}>{role.permissions.join(', ')}</span>,
            },
          ]}
        />
      )}
    </Panel>
  );
}
