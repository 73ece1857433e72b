import { useApi } from '../api/client';
import { Command, Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { WaitingBlock, WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { useUrlState } from '../url/url-state';
import { SavedViews } from '../views/SavedViews';
import { MetricChart } from './MetricChart';
import { MetricList } from './MetricList';
import classes from './Metrics.module.css';
import { chosenOf, metricCodecs } from './metric-state';

/** Everything that was measured, one metric at a time: over time, split, filtered, with traces behind it. */
export default function MetricsPage() {
  const range = useTimeRange();
  const [state, set] = useUrlState(metricCodecs);
  const answer = useApi('/api/metrics', { since: range.sinceUnixNano, until: range.untilUnixNano });
  const metrics = answer.data?.metrics ?? [];
  const chosen = chosenOf(metrics, state);
  return (
    <Page
      title="Metrics"
      actions={
        <>
          <Partial of={answer.data} />
          <SavedViews suggested={state.metric} />
        </>
      }
    >
      {answer.isError && !answer.data ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : answer.data && metrics.length === 0 ? (
        <Panel>
          <Empty title="No metrics in this time" action={<Command text="export OTEL_METRICS_EXPORTER=otlp" />}>
            Metrics come by OTLP, beside traces, from the SDKs and from the Collector. Choose a longer time, or see Connect for
            the settings of a service.
          </Empty>
        </Panel>
      ) : (
        <div className={classes.explorer}>
          <Panel flush className={classes.side}>
            {answer.data ? (
              <MetricList
                metrics={metrics}
                chosen={chosen}
                find={state.find}
                setFind={(find) => set({ find })}
                choose={({ metric, kind, unit }) => {
                  const alone = metrics.filter((one) => one.metric === metric).length === 1;
                  set({ metric, kind: alone ? '' : kind, unit: alone ? '' : unit, fn: '', by: [], filter: [] }, { push: true });
                }}
              />
            ) : (
              <WaitingRows count={12} />
            )}
          </Panel>
          {chosen ? (
            <MetricChart metric={chosen} state={state} set={set} />
          ) : answer.data ? (
            <Panel>
              <Empty title={`No metric “${state.metric}” in this time`}>Choose one of the list, or a longer time.</Empty>
            </Panel>
          ) : (
            <WaitingBlock height={420} />
          )}
        </div>
      )}
    </Page>
  );
}
