import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { IconCornerDownLeft, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Problem } from '../api/problem';
import { CopyButton } from '../design/CopyButton';
import { SavedViews } from '../views/SavedViews';
import { Builder } from './Builder';
import { parseConditions } from './builder';
import { Mistake } from './Mistake';
import classes from './Search.module.css';

const QueryEditor = lazy(() => import('./QueryEditor'));

type Props = {
  query: string;
  setQuery(query: string): void;
  mode: 'builder' | 'text';
  setMode(mode: 'builder' | 'text'): void;
  error: Problem | null;
  busy: boolean;
  autoFocus: boolean;
};

/** The query, as conditions or as text. Both are the same query: what one changes, the other shows. */
export function QueryBar({ query, setQuery, mode, setMode, error, busy, autoFocus }: Props) {
  const [draft, setDraft] = useState(query);
  useEffect(() => setDraft(query), [query]);
  const conditions = parseConditions(query);
  const shown = mode === 'builder' && conditions !== null ? 'builder' : 'text';
  const wrong = error?.parameter === 'q' ? error : null;
  return (
    <div className={classes.queryBar}>
      <div className={classes.queryLine}>
        <Tooltip
          label={
            conditions === null ? 'This query says more than the builder can show' : 'Conditions to choose, or TraceQL to write'
          }
        >
          <SegmentedControl
            aria-label="How to ask"
            value={shown}
            onChange={(next) => setMode(next as 'builder' | 'text')}
            data={[
              { value: 'builder', label: 'Builder', disabled: conditions === null },
              { value: 'text', label: 'TraceQL' },
            ]}
          />
        </Tooltip>
        <div className={classes.queryBox}>
          {shown === 'builder' ? (
            <Builder conditions={conditions!} setQuery={setQuery} autoFocus={autoFocus} />
          ) : (
            <Suspense fallback={<div className={classes.editorWaiting}>{query}</div>}>
              <QueryEditor
                value={draft}
                change={setDraft}
                submit={setQuery}
                mistake={wrong?.query ?? null}
                asked={query}
                autoFocus={autoFocus || mode === 'text'}
              />
            </Suspense>
          )}
        </div>
        {shown === 'text' && (
          <Button variant="filled" loading={busy} leftSection={<IconCornerDownLeft size={14} />} onClick={() => setQuery(draft)}>
            Search
          </Button>
        )}
        <SavedViews suggested={query} />
        <CopyButton text={query} label="Copy as TraceQL" size={28} />
        {query !== '{}' && (
          <Tooltip label="Start again">
            <ActionIcon aria-label="Clear the query" onClick={() => setQuery('{}')}>
              <IconX size={15} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {wrong && draft === query && <Mistake error={wrong} query={query} />}
    </div>
  );
}
