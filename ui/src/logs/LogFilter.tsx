import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../api/problem';
import { CopyButton } from '../design/CopyButton';
import { useKeys } from '../frame/keys';
import { Mistake } from '../search/Mistake';
import { SavedViews } from '../views/SavedViews';
import classes from './Logs.module.css';
import { type LogsState, type Severity, severities } from './logs-state';

type Props = {
  state: LogsState & { tail: boolean };
  set(change: Partial<LogsState>): void;
  setTail(on: boolean): void;
  error: Problem | null;
};

/** Words for a quick look, a filter for an exact one; both must hold. */
export function LogFilter({ state, set, setTail, error }: Props) {
  const words = useRef<HTMLInputElement>(null);
  useKeys('Logs', [
    { keys: '/', label: 'Search the logs', run: () => words.current?.focus() },
    { keys: 't', label: state.tail ? 'Stop following' : 'Follow live', run: () => setTail(!state.tail) },
  ]);
  const wrong = error?.parameter === 'q' || error?.parameter === 'text' ? error : null;
  return (
    <div className={classes.filter}>
      <div className={classes.filterLine}>
        <Draft
          label="Words"
          value={state.text}
          submit={(text) => set({ text })}
          placeholder='card declined, "exact phrase", -without'
          input={words}
          className={classes.words!}
        />
        <Draft
          label="Filter"
          value={state.q}
          submit={(q) => set({ q })}
          placeholder={'{ service = "orders" && log.order.id = "..." }'}
          className={classes.query!}
        />
        <Select
          aria-label="Least severity"
          className={classes.least!}
          value={state.severity}
          onChange={(severity) => set({ severity: (severity ?? '') as Severity })}
          data={[{ value: '', label: 'Any severity' }, ...severities.map((one) => ({ value: one, label: `${one} and up` }))]}
          allowDeselect={false}
        />
        <Tooltip label={state.tail ? 'Stop following (t)' : 'Show lines as they arrive (t)'}>
          <Button
            variant={state.tail ? 'filled' : 'default'}
            aria-pressed={state.tail}
            leftSection={state.tail ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
            onClick={() => setTail(!state.tail)}
          >
            {state.tail ? 'Following' : 'Follow'}
          </Button>
        </Tooltip>
        <SavedViews suggested={[state.text, state.q].filter(Boolean).join(' ')} />
        <CopyButton text={window.location.href} label="Copy the address of this view" size={28} />
        {(state.q || state.text || state.severity || state.trace) && (
          <ActionIcon
            aria-label="Clear the filter"
            title="Start again"
            onClick={() => set({ q: '', text: '', severity: '', trace: '' })}
          >
            <IconX size={15} />
          </ActionIcon>
        )}
      </div>
      {state.trace && <div className={classes.soft}>Of trace {state.trace} only.</div>}
      {wrong && <Mistake error={wrong} query={state.q} />}
    </div>
  );
}

type DraftProps = {
  label: string;
  value: string;
  submit(value: string): void;
  placeholder: string;
  className: string;
  input?: React.Ref<HTMLInputElement>;
};

function Draft({ label, value, submit, placeholder, className, input }: DraftProps) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <TextInput
      ref={input}
      aria-label={label}
      value={draft}
      placeholder={placeholder}
      className={className}
      spellCheck={false}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => draft !== value && submit(draft.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') submit(draft.trim());
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
