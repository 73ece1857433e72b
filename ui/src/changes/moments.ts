import { useMemo } from 'react';
import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import type { Moment } from '../charts/TimeChart';
import { toMillis } from '../design/units';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress } from '../url/addresses';

const none: readonly Moment[] = [];

/** Changes of the range as marks. A server that records none has none. */
export function useChangeMoments(): readonly Moment[] {
  const range = useTimeRange();
  const changes = useApi('/api/changes', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 200 });
  return useMemo(() => changes.data?.changes.map(momentOf) ?? none, [changes.data]);
}

export const momentOf = (change: Schemas['Change']): Moment => ({
  time: toMillis(change.startedUnixNano ?? change.receivedUnixNano),
  label: [change.kind.replace('_', ' '), change.service, change.summary || change.version || change.subject]
    .filter(Boolean)
    .join(' · '),
  tone: change.kind === 'feature_flag' ? 'flag' : 'change',
  to: changeAddress(change.id),
});
