import type { AnchorHTMLAttributes, ReactNode } from 'react';
import { Link, useSearch } from 'wouter';

/** Takes the time range along, so that the next room shows the same hour. */
export function useRoomAddress(): (to: string) => string {
  const search = useSearch();
  return (to) => keepTime(to, search);
}

export function keepTime(to: string, search: string): string {
  const current = new URLSearchParams(search);
  const [path = '/', query = ''] = to.split('?');
  const next = new URLSearchParams(query);
  if (!next.has('since') && !next.has('until'))
    for (const name of ['since', 'until', 'live']) {
      const value = current.get(name);
      if (value !== null) next.set(name, value);
    }
  const written = next.toString();
  return written ? `${path}?${written}` : path;
}

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & { to: string; children?: ReactNode };

export function RoomLink({ to, ...rest }: Props) {
  const room = useRoomAddress();
  return <Link href={room(to)} {...rest} />;
}
