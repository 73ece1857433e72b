import type { Schemas } from '../api/schemas';

type View = Schemas['ShownView'];

/** Views of the room one is in, one's own first. */
export function ofRoom(views: readonly View[], room: string): View[] {
  return views
    .filter((view) => view.address.split('?')[0] === room)
    .toSorted((a, b) => Number(b.mine) - Number(a.mine) || a.name.localeCompare(b.name));
}

const nameMax = 60;

/** What a view would be called when nobody says: the condition it shows, without its braces. */
export function nameFor(query: string): string {
  const bare = query.replace(/^\{\s*|\s*\}$/g, '').trim();
  return bare.length > nameMax ? `${bare.slice(0, nameMax)}…` : bare;
}
