import { useEffect, useRef } from 'react';

export type Key = { keys: string; label: string; run(): void };
type Group = { title: string; keys: readonly Key[] };

/** Groups in the order in which they were put up; of two that claim a key, the later one has it. */
const groups: { current: () => Group }[] = [];
const sequenceMillis = 900;
let pending: { key: string; at: number } | null = null;

/** Keys that hold while the component is shown. `g h` is one after the other. They rest while somebody types or a dialog is open. */
export function useKeys(title: string, keys: readonly Key[]) {
  const current = useRef<Group>({ title, keys });
  current.current = { title, keys };
  useEffect(() => {
    const entry = { current: () => current.current };
    groups.push(entry);
    return () => {
      groups.splice(groups.indexOf(entry), 1);
    };
  }, []);
}

export const activeKeys = (): Group[] => groups.map((group) => group.current()).filter((group) => group.keys.length > 0);

export function listenToKeys(): () => void {
  window.addEventListener('keydown', press);
  return () => window.removeEventListener('keydown', press);
}

function press(event: KeyboardEvent) {
  if (
    event.defaultPrevented ||
    event.altKey ||
    isTyping(event.target) ||
    document.querySelector('[role="dialog"][aria-modal="true"]')
  )
    return;
  if ((event.ctrlKey || event.metaKey) && event.key !== 'k') return;
  // Enter and space belong to what has the focus.
  if (
    (event.key === 'Enter' || event.key === ' ') &&
    event.target instanceof HTMLElement &&
    event.target.closest('a, button, [role="tab"], summary')
  )
    return;
  const pressed = event.ctrlKey || event.metaKey ? `ctrl+${event.key}` : event.key;
  const sequence = pending && event.timeStamp - pending.at < sequenceMillis ? `${pending.key} ${pressed}` : null;
  pending = null;
  const found = (sequence && find(sequence)) || find(pressed);
  if (found) {
    event.preventDefault();
    found.run();
  } else if (starts(pressed)) pending = { key: pressed, at: event.timeStamp };
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !/^(range|checkbox|radio|button)$/.test(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName));
}

function find(pressed: string): Key | undefined {
  for (const group of activeKeys().reverse()) {
    const key = group.keys.find((one) => one.keys.split(' or ').includes(pressed));
    if (key) return key;
  }
  return undefined;
}

const starts = (pressed: string) => activeKeys().some((group) => group.keys.some((key) => key.keys.startsWith(`${pressed} `)));
