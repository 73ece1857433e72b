import { useApi } from '../../api/client';
import { readable } from '../../design/foreign-text';
import { traceAddress } from '../../url/addresses';
import { RoomLink } from '../../url/RoomLink';
import classes from './Details.module.css';
import { Section } from './SpanPanel';

type Digest = { linked?: { traceId: string; spanId: string; direction: 'cause' | 'effect'; kind: string }[] };

/** Spans of other traces that point here: what this one led to. Absent where the server does not know. */
export function Incoming({ traceId, spanId }: { traceId: string; spanId: string }) {
  const digest = useApi<Digest>('/api/traces/{id}/digest', { id: traceId }, { keep: false });
  const effects = (digest.data?.linked ?? []).filter((link) => link.direction === 'effect');
  if (effects.length === 0) return null;
  return (
    <Section title="Linked from" count={effects.length}>
      {effects.slice(0, 50).map((link) => (
        <div key={`${link.traceId}${link.spanId}`} className={classes.item}>
          <RoomLink className={classes.link} to={traceAddress(link.traceId, { span: link.spanId })}>
            Trace {link.traceId.slice(0, 12)}… span {link.spanId} {link.spanId === spanId ? '' : `(${readable(link.kind, 40)})`}
          </RoomLink>
        </div>
      ))}
    </Section>
  );
}
