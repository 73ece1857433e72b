import { ActionIcon } from '@mantine/core';
import { IconFilter, IconFilterX, IconX } from '@tabler/icons-react';
import { useApi } from '../api/client';
import type { Whole } from '../api/partial';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatCount, formatDuration, formatRatio, formatTime } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { millis, nanos, ratio } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { attributeName } from '../traces/details/attribute-query';
import { traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import { typedValue } from './builder';
import classes from './Compare.module.css';
import { addCondition } from './conditions';
import type { Region } from './search-state';

type Difference = {
  kind: 'attribute' | 'service' | 'operation' | 'edge';
  key?: string;
  value?: string;
  aRatio?: number;
  bRatio?: number;
  effect: number;
  sentence: string;
  traces?: string[];
};

type Comparison = Whole & {
  a: { spans: number; sampledSpans: number };
  b: { spans: number; sampledSpans: number };
  differences: Difference[];
};

type Props = {
  selection: string;
  region: Region;
  narrow(field: string, operator: '=' | '!=', value: string): void;
  close(): void;
};

/** What the spans of the region have that the others have not, the most telling first. */
export function ComparePanel({ selection, region, narrow, close }: Props) {
  const range = useTimeRange();
  const low = `${Math.round(region.low)}ns`;
  const high = `${Math.round(region.high)}ns`;
  const q = addCondition(selection, `duration >= ${low} && duration <= ${high}`);
  const answer = useApi<Comparison>(
    '/api/compare',
    {
      q,
      within: selection,
      selectedSince: `${Math.round(region.since)}`,
      selectedUntil: `${Math.round(region.until)}`,
      since: range.sinceUnixNano,
      until: range.untilUnixNano,
    },
    { keep: false },
  );
  const differences = (answer.data?.differences ?? []).slice(0, 24);
  return (
    <Panel
      title="What is different about these?"
      note={`${formatDuration(nanos(region.low))} to ${formatDuration(nanos(region.high))}, ${formatTime(millis(region.since), range.now)} to ${formatTime(millis(region.until), range.now)}`}
      actions={
        <>
          <Partial of={answer.data} />
          <ActionIcon aria-label="Close the comparison" onClick={close}>
            <IconX size={15} />
          </ActionIcon>
        </>
      }
    >
      {answer.isPending ? (
        <WaitingRows count={5} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : differences.length === 0 ? (
        <p className={classes.none}>
          Nothing: they have the same attributes as the others, in the same shares. Look at single traces below.
        </p>
      ) : (
        <div className={classes.differences}>
          <p className={classes.legend}>
            <span className={classes.these}>these {formatCount(answer.data.a.spans)}</span>{' '}
            <span className={classes.others}>the other {formatCount(answer.data.b.spans)}</span>
          </p>
          {differences.map((one) => (
            <div key={one.sentence} className={classes.difference}>
              <div className={classes.what} title={readable(one.sentence, 1_000)}>
                {one.key ? (
                  <>
                    <span className={classes.key}>{readable(one.key, 80)}</span> {readable(one.value ?? '', 120)}
                  </>
                ) : (
                  readable(one.sentence, 200)
                )}
              </div>
              {one.aRatio !== undefined && one.bRatio !== undefined && (
                <div className={classes.bars}>
                  <Bar share={one.aRatio} side="these" />
                  <Bar share={one.bRatio} side="others" />
                </div>
              )}
              <div className={classes.ways}>
                {one.key && one.value !== undefined && (
                  <>
                    <ActionIcon
                      size={22}
                      aria-label="Only these"
                      title="Only these"
                      onClick={() => narrow(fieldOf(one.key!), '=', typedValue(one.value!, fieldOf(one.key!)))}
                    >
                      <IconFilter size={13} />
                    </ActionIcon>
                    <ActionIcon
                      size={22}
                      aria-label="Without these"
                      title="Without these"
                      onClick={() => narrow(fieldOf(one.key!), '!=', typedValue(one.value!, fieldOf(one.key!)))}
                    >
                      <IconFilterX size={13} />
                    </ActionIcon>
                  </>
                )}
                {one.traces?.[0] && (
                  <RoomLink to={traceAddress(one.traces[0])} className={classes.example}>
                    example
                  </RoomLink>
                )}
              </div>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

/** The answer names attributes with their scope or, where it is clear, without. */
function fieldOf(key: string): string {
  if (
    /^(span|resource|event|link|instrumentation)\./.test(key) ||
    /^(name|status|kind|statusMessage|rootName|rootServiceName)$/.test(key)
  )
    return key;
  return attributeName('span', key).replace(/^span/, '');
}

function Bar({ share, side }: { share: number; side: 'these' | 'others' }) {
  return (
    <div className={classes.bar}>
      <div className={classes[side]} style={{ width: `${Math.max(0.5, share * 100)}%` }} />
      <span>{formatRatio(ratio(share))}</span>
    </div>
  );
}
