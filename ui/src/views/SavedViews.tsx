import { ActionIcon, Button, Popover, Switch, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { send } from '../access/session';
import { useApi } from '../api/client';
import { Problem } from '../api/problem';
import { CopyButton } from '../design/CopyButton';
import { readable } from '../design/foreign-text';
import classes from './SavedViews.module.css';
import { nameFor, ofRoom } from './views';

const path = '/api/views';

/** Views of this room that were saved, and this one under a name: for oneself, or for everybody. */
export function SavedViews({ suggested }: { suggested: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={360} trapFocus>
      <Popover.Target>
        <Button leftSection={<IconBookmark size={14} />} onClick={() => setOpened(!opened)}>
          Saved
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved views" p={0}>
        {opened && <Views suggested={suggested} close={() => setOpened(false)} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Views({ suggested, close }: { suggested: string; close(): void }) {
  const [room] = useLocation();
  const listing = useApi(path);
  const queries = useQueryClient();
  const [problem, setProblem] = useState('');
  const change = async (act: () => Promise<unknown>) => {
    try {
      await act();
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : 'It could not be saved.');
    }
    await queries.invalidateQueries({ queryKey: [path] });
  };
  const views = ofRoom(listing.data?.views ?? [], room);
  return (
    <div className={classes.views}>
      <SaveThis suggested={suggested} save={(view) => change(() => send('POST', path, view))} />
      {problem && (
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      )}
      {listing.isError && <p className={classes.none}>{listing.error.message}</p>}
      {listing.data && views.length === 0 && <p className={classes.none}>Nothing of this room is saved yet.</p>}
      <ul>
        {views.map((view) => (
          <li key={view.id}>
            <Link href={view.address} onClick={close} className={classes.name} title={readable(view.address, 400)}>
              {readable(view.name, 100)}
            </Link>
            {view.shared && <span className={classes.by}>{view.mine ? 'shared' : `by ${readable(view.owner, 30)}`}</span>}
            <CopyButton text={globalThis.location.origin + view.address} label={`Copy the address of ${view.name}`} />
            {view.mine && (
              <ActionIcon
                aria-label={`Delete ${view.name}`}
                onClick={() => void change(() => send('DELETE', `${path}/${encodeURIComponent(view.id)}`))}
              >
                <IconTrash size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

type SaveProps = { suggested: string; save(view: { name: string; address: string; shared: boolean }): Promise<void> };

function SaveThis({ suggested, save }: SaveProps) {
  const [room] = useLocation();
  const search = useSearch();
  const [name, setName] = useState(nameFor(suggested));
  const [shared, setShared] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await save({ name: name.trim(), address: room + (search ? `?${new URLSearchParams(search)}` : ''), shared });
    setName('');
  };
  return (
    <form className={classes.save} onSubmit={(event) => void submit(event)}>
      <TextInput
        aria-label="Name of this view"
        placeholder="Name of this view"
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Button type="submit" variant="filled" disabled={name.trim() === ''}>
        Save
      </Button>
      <Switch
        size="xs"
        label="Everybody here sees it"
        checked={shared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
    </form>
  );
}
