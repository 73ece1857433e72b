import { Badge, type Tone } from '../design/Badge';
import { readable } from '../design/foreign-text';

type Judged = { health: string; healthReasons?: readonly string[] | null; previous?: unknown; weekBefore?: unknown };

const tones: Record<string, Tone> = { failing: 'error', degraded: 'warning', gone: 'warning', healthy: 'ok', new: 'accent' };

const explanations: Record<string, string> = {
  new: 'First seen in this time: there is nothing earlier to compare it with.',
  gone: 'It was asked before, and is not any more.',
  idle: 'Nobody asked it in this time.',
};

/** In its first minutes a server has no earlier time to compare anything with, and calling everything new says nothing. */
export const hasBaseline = (all: readonly Judged[]) => all.some((one) => one.previous || one.weekBefore);

export const withoutBaseline = 'No earlier time to compare with yet';

export const healthTone = (health: string): Tone => tones[health] ?? 'plain';

/** What is said of one among others: nothing of one that is as it always was, or of a new one where all are. */
export function healthWord({ health }: Judged, compared: boolean): string {
  return health === 'healthy' || (health === 'new' && !compared) ? '' : health;
}

/** Nothing where nothing can be judged yet, which the page says once. */
export function HealthBadge({ of, compared }: { of: Judged; compared: boolean }) {
  const reasons = of.healthReasons ?? [];
  const explain = reasons.length > 0 ? readable(reasons.join(' '), 400) : explanations[of.health];
  if (of.health === 'new' && !compared) return null;
  return (
    <Badge tone={healthTone(of.health)} {...(explain ? { explain } : {})}>
      {of.health}
    </Badge>
  );
}
