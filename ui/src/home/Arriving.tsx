import { useApi } from '../api/client';
import { Badge } from '../design/Badge';
import { formatRate } from '../design/formats';
import { RoomLink } from '../url/RoomLink';
import classes from './Home.module.css';

/** Whether data comes in, and how much. */
export function Arriving() {
  const status = useApi('/api/status', {}, { refetchMillis: 5_000 });
  if (!status.data) return null;
  const rate = (signal: string) =>
    status.data.senders.filter((one) => one.signal === signal).reduce((sum, one) => sum + one.itemsPerSecond, 0);
  const services = new Set(status.data.senders.map((one) => one.service)).size;
  const refused = status.data.refused.reduce((sum, one) => sum + one.requests, 0);
  return (
    <RoomLink to="/connect" className={classes.arriving}>
      {services === 0
        ? 'Nothing arrives'
        : `${services} services send ${formatRate(rate('traces'))} spans, ${formatRate(rate('logs'))} logs, ${formatRate(rate('metrics'))} points`}
      {refused > 0 && <Badge tone="error">{refused} requests refused</Badge>}
    </RoomLink>
  );
}
