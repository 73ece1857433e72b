import { Button } from '@mantine/core';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { WaitingRows } from '../design/Waiting';
import { Review } from './Review';
import { Roles } from './Roles';
import { signOut, useSession } from './session';
import { Tokens } from './Tokens';
import { Users } from './Users';

/** Who you are, your tokens, and who may see what. */
export default function AccessPage() {
  const session = useSession();
  if (session.isError && !session.data)
    return (
      <Page title="Access">
        <Failure error={session.error} retry={() => void session.refetch()} />
      </Page>
    );
  if (!session.data) return <WaitingRows />;
  const { required, identity } = session.data;
  const may = (permission: string) => identity?.permissions.includes(permission) ?? false;
  const leave = async () => {
    await signOut();
    window.location.assign('/');
  };
  return (
    <Page
      title="Access"
      lead={required && identity ? `${identity.name} in ${identity.tenant}` : 'Open: this server asks nobody who he is'}
      actions={required && identity?.kind !== 'local' ? <Button onClick={() => void leave()}>Sign out</Button> : undefined}
    >
      {!required && (
        <Panel>
          <Empty title="Everybody on this machine may do everything">
            The server listens on this machine only and has no users. <code>waybill user add NAME --role admin</code> makes the
            first; from then on everybody is asked who he is.
          </Empty>
        </Panel>
      )}
      {required && <Tokens manages={may('access.manage')} />}
      {required && may('access.read') && <Users manages={may('access.manage')} />}
      {may('access.read') && <Review />}
      <Roles />
    </Page>
  );
}
