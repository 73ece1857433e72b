import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { formatBytes, formatCount } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Stat } from '../design/Stat';
import { bytes } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import classes from './Connect.module.css';
import { Refused } from './Refused';
import { Senders } from './Senders';
import { Settings } from './Settings';
import { TestTraceButton } from './TestTraceButton';

type Status = Schemas['IngestStatus'];

const refetchMillis = 2_000;

/** Who sends what, what was refused and why, and how to send more. */
export default function ConnectPage() {
  const status = useApi('/api/status', {}, { refetchMillis });
  if (status.isError && !status.data)
    return (
      <Page title="Connect">
        <Failure error={status.error} retry={() => void status.refetch()} />
      </Page>
    );
  return (
    <Page title="Connect" lead="What arrives, as it arrives" actions={<TestTraceButton />}>
      {status.data ? <Arrived status={status.data} /> : <WaitingRows count={2} />}
      <Panel title="Senders" note="Services by what they send, live" flush>
        {!status.data ? (
          <WaitingRows count={5} />
        ) : status.data.senders.length === 0 ? (
          <Empty title="Nobody sends yet">
            Choose a language below, paste its settings, start your service: it shows up here within seconds. Or send a test trace
            first.
          </Empty>
        ) : (
          <Senders senders={status.data.senders} now={Date.parse(status.data.at)} known={status.data.sendersKnown} />
        )}
      </Panel>
      {status.data && <Refused status={status.data} />}
      <Settings />
    </Page>
  );
}

function Arrived({ status }: { status: Status }) {
  const rate = (signal: string) =>
    status.senders.filter((one) => one.signal === signal).reduce((sum, one) => sum + one.itemsPerSecond, 0);
  const total = (signal: string) =>
    status.arrived.filter((one) => one.signal === signal).reduce((sum, one) => sum + one.items, 0);
  const problems = status.refused.reduce((sum, one) => sum + one.requests, 0);
  const rejected = [...status.rejected, ...status.quarantined].reduce((sum, one) => sum + one.items, 0);
  return (
    <Panel>
      <div className={classes.stats}>
        <Stat
          label="Spans"
          value={`${formatCount(Math.round(rate('traces') * 10) / 10)} /s`}
          detail={`${formatCount(total('traces'))} since the start`}
        />
        <Stat
          label="Log records"
          value={`${formatCount(Math.round(rate('logs') * 10) / 10)} /s`}
          detail={`${formatCount(total('logs'))} since the start`}
        />
        <Stat
          label="Metric points"
          value={`${formatCount(Math.round(rate('metrics') * 10) / 10)} /s`}
          detail={`${formatCount(total('metrics'))} since the start`}
        />
        <Stat
          label="Bytes"
          value={formatBytes(bytes(status.arrived.reduce((sum, one) => sum + one.bytes, 0)))}
          detail="since the start"
        />
        <Stat
          label="Refused requests"
          value={formatCount(problems)}
          tone={problems > 0 ? 'error' : 'plain'}
          detail={problems > 0 ? 'see below' : 'none'}
        />
        <Stat
          label="Refused or set aside items"
          value={formatCount(rejected)}
          tone={rejected > 0 ? 'error' : 'plain'}
          detail={rejected > 0 ? 'see below' : 'none'}
        />
      </div>
    </Panel>
  );
}
