import { quoted, searchAddress, traceAddress, whyAddress } from '../url/addresses';
import type { Visit } from './recent';
import { rooms } from './rooms';

export type Jump = { group: string; label: string; detail?: string; to: string };

type Saved = { name: string; address: string };

/** Where what was typed or pasted may lead, most likely first. */
export function jumpsFor(
  typed: string,
  services: readonly string[],
  recent: readonly Visit[],
  saved: readonly Saved[] = [],
): Jump[] {
  const text = typed.trim();
  const words = text.toLowerCase();
  const matching = (label: string) => label.toLowerCase().includes(words);
  const places = [
    ...saved
      .filter((view) => matching(view.name))
      .slice(0, 8)
      .map((view) => ({ group: 'Saved', label: view.name, to: view.address })),
    ...rooms
      .filter((room) => matching(room.label))
      .map((room) => ({ group: 'Rooms', label: room.label, to: room.pages[0]!.path })),
    ...services
      .filter((service) => text !== '' && matching(service))
      .slice(0, 8)
      .map((service) => ({
        group: 'Services',
        label: service,
        detail: 'its traces',
        to: searchAddress(`{ resource.service.name = ${quoted(service)} }`),
      })),
  ];
  const visited = recent.filter((visit) => matching(visit.label) || visit.to.includes(text)).slice(0, 6);
  const recents = visited.map((visit) => ({ group: 'Recent', label: visit.label, to: visit.to }));
  return text === '' ? [...recents, ...places] : [...idJumps(text), ...places, ...recents, ...freeJumps(text)];
}

/** Ids by their shape: a traceparent header, trace:span, a trace id, a span id. */
export function idJumps(text: string): Jump[] {
  const parent =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/i.exec(text) ?? /^([0-9a-f]{32}):([0-9a-f]{16})$/i.exec(text);
  if (parent)
    return [
      {
        group: 'Go to',
        label: 'Open this span in its trace',
        detail: parent[1]!,
        to: traceAddress(parent[1]!.toLowerCase(), { span: parent[2]!.toLowerCase() }),
      },
    ];
  if (/^[0-9a-f]{32}$/i.test(text))
    return [{ group: 'Go to', label: 'Open this trace', detail: text, to: traceAddress(text.toLowerCase()) }];
  if (/^[0-9a-f]{16}$/i.test(text))
    return [
      { group: 'Go to', label: 'Find what has this id', detail: text, to: whyAddress(text) },
      { group: 'Go to', label: 'Open it as a 64-bit trace id', detail: text, to: traceAddress(text.toLowerCase()) },
    ];
  return [];
}

function freeJumps(text: string): Jump[] {
  return [
    { group: 'Ask', label: 'Why? What happened to', detail: text, to: whyAddress(text) },
    {
      group: 'Ask',
      label: 'Search spans named',
      detail: text,
      to: searchAddress(`{ name =~ ${quoted(`.*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*`)} }`),
    },
  ];
}
