import { Button, Switch } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useApi } from '../api/client';
import { Failure } from '../design/Failure';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { WaitingRows } from '../design/Waiting';
import { choice, useUrlState, whole } from '../url/url-state';
import classes from './WhyPage.module.css';

const CausalGraph = lazy(() => import('./CausalGraph'));

const codecs = { up: whole(1, 0, 20), down: whole(2, 0, 20), calls: choice('auto', 'on', 'off') };
const nodesMax = 300;
/** Of more than so many, the calls within traces are left out until they are asked for. */
const fewNodes = 30;

/** The graph around what was asked, a step further towards causes or effects at a time. Nothing for what is in no trace. */
export function Causality({ id }: { id: string }) {
  const [state, set] = useUrlState(codecs);
  const { up, down } = state;
  const answer = useApi('/api/graph/{id}', { id, up, down, limit: nodesMax });
  const calls = state.calls === 'auto' ? (answer.data?.nodes.length ?? 0) <= fewNodes : state.calls === 'on';
  if (answer.isError && answer.error.status === 404) return null;
  return (
    <Panel
      title="What led to what"
      flush
      className={classes.causality}
      actions={
        <>
          <Partial of={answer.data?.status === 'partial' ? { status: 'partial', reasons: answer.data.reasons } : undefined} />
          <Switch
            size="xs"
            label="Calls"
            checked={calls}
            onChange={(event) => set({ calls: event.currentTarget.checked ? 'on' : 'off' })}
          />
          <Button disabled={up >= 20} loading={answer.isPlaceholderData} onClick={() => set({ up: up + 1 })}>
            More causes
          </Button>
          <Button disabled={down >= 20} loading={answer.isPlaceholderData} onClick={() => set({ down: down + 1 })}>
            More effects
          </Button>
        </>
      }
    >
      {answer.isError ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : answer.data ? (
        <Suspense fallback={<WaitingRows count={8} />}>
          <CausalGraph graph={answer.data} calls={calls} />
        </Suspense>
      ) : (
        <WaitingRows count={8} />
      )}
    </Panel>
  );
}
