import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useApi } from '../api/client';
import { Facts } from '../design/Facts';
import { readable } from '../design/foreign-text';
import { formatAgo, formatDuration, formatExact, formatOwner, formatRate, formatRatio } from '../design/formats';
import { type Millis, nanos, ratio, toMillis, toUnixNano } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import type { FoundTrace } from '../search/use-search';
import { writePoint } from '../time/range';
import { searchAddress, traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import { HealthBadge, hasBaseline } from './Health';
import classes from './Map.module.css';
import { type MapEdge, type MapNode, queryOfEdge, queryOfNode } from './map-parts';

type Props = {
  of: MapNode | MapEdge;
  nodes: ReadonlyMap<string, MapNode>;
  window: { since: Millis; until: Millis };
  close(): void;
};

const isEdge = (of: MapNode | MapEdge): of is MapEdge => 'from' in of;
const duration = (value: number | null | undefined) => (value ? formatDuration(nanos(value)) : undefined);

/** What is known of a node or a call, what it was before, and traces that show it. */
export function MapDetails({ of, nodes, window, close }: Props) {
  const query = isEdge(of) ? queryOfEdge(of, nodes) : queryOfNode(of);
  const name = isEdge(of) ? `${nodes.get(of.from)?.name ?? ''} → ${nodes.get(of.to)?.name ?? ''}` : of.name;
  const times = { since: writePoint(window.since), until: writePoint(window.until) };
  return (
    <aside className={classes.details} aria-label="Details">
      <header className={classes.detailsHead}>
        <h2>{readable(name, 120)}</h2>
        <HealthBadge of={of} compared={hasBaseline([...nodes.values()])} />
        <ActionIcon aria-label="Close" className={classes.right!} onClick={close}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      {of.healthReasons.map((reason) => (
        <p key={reason} className={classes.reason}>
          {readable(reason, 300)}
        </p>
      ))}
      {isEdge(of) && of.broken && (
        <div className={classes.broken}>
          <strong>{readable(of.broken.sentence, 400)}</strong>
          <span>{readable(of.broken.fix, 400)}</span>
          {of.broken.examples[0] && <RoomLink to={traceAddress(of.broken.examples[0])}>Open a trace that broke here</RoomLink>}
        </div>
      )}
      <Facts
        of={[
          ['Kind', isEdge(of) ? of.kind : [of.kind, of.system].filter(Boolean).join(', ')],
          ['Requests', `${formatExact(of.requestCount)} (weighted)`],
          ['Rate', now(formatRate(of.requestRate), of.previous && formatRate(of.previous.requestRate))],
          ['Failed', now(formatRatio(ratio(of.errorRatio)), of.previous && formatRatio(ratio(of.previous.errorRatio)))],
          ['p95', now(duration(of.p95Nano) ?? '–', duration(of.previous?.p95Nano))],
          ['p50, p99', [duration(of.p50Nano), duration(of.p99Nano)].filter(Boolean).join(', ')],
          ['Owner', isEdge(of) || !of.owner ? undefined : formatOwner(of.owner)],
        ]}
      />
      {!isEdge(of) && of.versions.length > 0 && (
        <>
          <h3>Versions</h3>
          <ul className={classes.versions}>
            {of.versions.slice(0, 20).map((version) => (
              <li key={`${version.version} ${version.environment}`}>
                <strong>{readable(version.version || '(none)', 60)}</strong> {readable(version.environment ?? '', 40)}
                <span className={classes.soft}>
                  {version.instances.length} {version.instances.length === 1 ? 'instance' : 'instances'}, last{' '}
                  {formatAgo(toMillis(version.lastSeenUnixNano), window.until)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <div className={classes.jumps}>
        <Button component={RoomLink} variant="filled" to={searchAddress(query, times)}>
          Traces
        </Button>
        <Button component={RoomLink} to={searchAddress(withFailures(query), times)}>
          Failures
        </Button>
        {!isEdge(of) && of.kind === 'service' && (
          <Button component={RoomLink} to={`/changes?service=${encodeURIComponent(of.name)}`}>
            Changes
          </Button>
        )}
      </div>
      <h3>Examples</h3>
      <Examples query={query} window={window} />
    </aside>
  );
}

const withFailures = (query: string) => query.replace(/\}\s*$/, '} && { status = error }');

function now(value: string, before: string | null | undefined): ReactNode {
  return (
    <>
      {value} {before && <span className={classes.soft}>before: {before}</span>}
    </>
  );
}

function Examples({ query, window }: { query: string; window: Props['window'] }) {
  const times = { since: toUnixNano(window.since), until: toUnixNano(window.until) };
  const found = useApi<{ traces: FoundTrace[] }>('/api/search', { q: query, ...times, limit: 6, spans: 1 }, { keep: false });
  if (found.isPending) return <WaitingRows count={4} />;
  if (!found.data || found.data.traces.length === 0)
    return <p className={classes.soft}>No trace of it is stored in this time.</p>;
  return (
    <ul className={classes.examples}>
      {found.data.traces.map((trace) => (
        <li key={trace.traceId}>
          <RoomLink
            to={traceAddress(trace.traceId, trace.spanSets[0]?.spans[0] ? { span: trace.spanSets[0].spans[0].spanId } : {})}
          >
            {readable(`${trace.rootService ?? ''} ${trace.rootName ?? '(no root)'}`.trim(), 80)}
          </RoomLink>
          <span className={classes.soft}>
            {formatDuration(nanos(trace.durationNano))}
            {trace.errorCount > 0 && <em> failed</em>}
          </span>
        </li>
      ))}
    </ul>
  );
}
