import type { Schemas } from '../api/schemas';
import { Badge } from '../design/Badge';

type Change = Schemas['Change'];

/** What a change is called where there is one line for it. */
export const titleOf = (change: Change) =>
  change.summary || [change.kind.replace('_', ' '), change.version || change.subject].filter(Boolean).join(' ');

/** The kind of a change, and whether somebody reported it. */
export function ChangeKind({ change }: { change: Change }) {
  return (
    <>
      <Badge tone={change.kind === 'feature_flag' ? 'flag' : 'change'}>{change.kind.replace('_', ' ')}</Badge>{' '}
      {change.inferred && (
        <Badge explain={change.evidence?.join(' ') ?? 'Noticed in the telemetry; nobody reported it.'}>noticed</Badge>
      )}
    </>
  );
}
