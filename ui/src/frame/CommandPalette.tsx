import { Modal } from '@mantine/core';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../api/client';
import { readable } from '../design/foreign-text';
import { useRoomAddress } from '../url/RoomLink';
import classes from './CommandPalette.module.css';
import { type Jump, jumpsFor } from './jumps';
import { recentVisits } from './recent';

/** Ctrl K: rooms, services, what was looked at, and anything by its id. */
export function CommandPalette({ opened, close }: { opened: boolean; close(): void }) {
  return (
    <Modal.Root opened={opened} onClose={close} size={640} yOffset="12vh" lockScroll={false}>
      <Modal.Overlay />
      <Modal.Content aria-label="Jump anywhere">
        <Modal.Body p={0}>{opened && <Palette close={close} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Palette({ close }: { close(): void }) {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const [, navigate] = useLocation();
  const room = useRoomAddress();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const services = useApi('/api/services', { since: '24h' });
  const views = useApi('/api/views');
  const recent = useMemo(recentVisits, []);
  const jumps = useMemo(
    () => jumpsFor(typed, services.data?.services.map((one) => one.service) ?? [], recent, views.data?.views),
    [typed, services.data, recent, views.data],
  );
  const at = Math.min(chosen, jumps.length - 1);

  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const follow = (jump: Jump | undefined) => {
    if (!jump) return;
    close();
    navigate(room(jump.to));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen(Math.min(at + 1, jumps.length - 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(at - 1, 0));
    else if (event.key === 'Enter') follow(jumps[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className={classes.input}
        placeholder="Trace, span, order, commit or change id; a service; a room"
        aria-label="Jump to"
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={`${id}-${at}`}
        value={typed}
        maxLength={500}
        spellCheck={false}
        data-autofocus
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={press}
      />
      <div className={classes.list} ref={list} role="listbox" id={`${id}-list`} aria-label="Places">
        {jumps.map((jump, i) => (
          <div key={`${jump.group} ${jump.label} ${jump.to}`}>
            {jump.group !== jumps[i - 1]?.group && <div className={classes.group}>{jump.group}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys */}
            <div
              className={classes.jump}
              role="option"
              tabIndex={-1}
              id={`${id}-${i}`}
              data-at={i}
              aria-selected={i === at}
              onMouseMove={() => setChosen(i)}
              onClick={() => follow(jump)}
            >
              <span className={classes.label}>{readable(jump.label, 200)}</span>
              {jump.detail && <span className={classes.detail}>{readable(jump.detail, 120)}</span>}
            </div>
          </div>
        ))}
      </div>
    </>
  );
}
