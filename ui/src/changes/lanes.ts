import type { Schemas } from '../api/schemas';
import { type Millis, toMillis } from '../design/units';

type Change = Schemas['Change'];

/** The changes of one service in one environment, on the line of time. */
export type Lane = { service: string; environment: string; marks: Mark[] };
/** Changes so near to each other that their marks would lie on one another are one mark. Places are shares of the time shown. */
export type Mark = { at: number; changes: Change[] };

const nearest = 0.012;

/** A lane a service and environment, the one that changed last first. What names no service has a lane of its own, at the end. */
export function lanesOf(changes: readonly Change[], since: Millis, until: Millis): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const change of changes.toSorted((a, b) => timeOf(b) - timeOf(a))) {
    const service = change.service ?? '';
    const environment = change.environment ?? '';
    const key = `${service}\n${environment}`;
    const lane = lanes.get(key) ?? { service, environment, marks: [] };
    lanes.set(key, lane);
    const at = Math.min(1, Math.max(0, (timeOf(change) - since) / Math.max(1, until - since)));
    const last = lane.marks.at(-1);
    if (last && last.at - at < nearest) last.changes.push(change);
    else lane.marks.push({ at, changes: [change] });
  }
  const all = [...lanes.values()];
  return [...all.filter((lane) => lane.service !== ''), ...all.filter((lane) => lane.service === '')];
}

const timeOf = (change: Change) => toMillis(change.startedUnixNano ?? change.receivedUnixNano);
