import { ActionIcon, Autocomplete, Button, Popover, Select } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { readable } from '../design/foreign-text';
import { useTimeRange } from '../time/TimeContext';
import { type Condition, type Operator, operators, printConditions, readValue, typedValue } from './builder';
import { fieldsOf, valuesOf } from './catalog';
import classes from './Search.module.css';

type Props = { conditions: readonly Condition[]; setQuery(query: string): void; autoFocus: boolean };

/** The conditions as chips; each can be changed or taken away. */
export function Builder({ conditions, setQuery, autoFocus }: Props) {
  const [open, setOpen] = useState<number | 'new' | null>(null);
  useEffect(() => {
    if (autoFocus) setOpen('new');
  }, [autoFocus]);
  const replace = (at: number, condition: Condition | null) => {
    const next = [...conditions];
    if (condition) next.splice(at, 1, condition);
    else next.splice(at, 1);
    setOpen(null);
    setQuery(printConditions(next));
  };
  return (
    <div className={classes.chips}>
      {conditions.map((condition, at) => (
        <span key={`${at}${condition.field}`} className={classes.chip}>
          <ConditionPopover
            opened={open === at}
            change={(opened) => setOpen(opened ? at : null)}
            condition={condition}
            save={(next) => replace(at, next)}
          >
            <button type="button" className={classes.chipText} onClick={() => setOpen(at)}>
              <span className={classes.chipField}>{readable(condition.field, 80)}</span> {condition.operator}{' '}
              <strong>{readable(readValue(condition.value), 120)}</strong>
            </button>
          </ConditionPopover>
          <ActionIcon size={18} aria-label={`Remove ${readable(condition.field, 60)}`} onClick={() => replace(at, null)}>
            <IconX size={12} />
          </ActionIcon>
        </span>
      ))}
      <ConditionPopover
        opened={open === 'new'}
        change={(opened) => setOpen(opened ? 'new' : null)}
        condition={null}
        save={(next) => replace(conditions.length, next)}
      >
        <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setOpen('new')}>
          {conditions.length === 0 ? 'Add a condition, such as service = orders' : 'Add'}
        </Button>
      </ConditionPopover>
    </div>
  );
}

type PopoverProps = {
  opened: boolean;
  change(opened: boolean): void;
  condition: Condition | null;
  save(condition: Condition): void;
  children: React.ReactNode;
};

function ConditionPopover({ opened, change, condition, save, children }: PopoverProps) {
  return (
    <Popover opened={opened} onChange={change} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown p="sm">{opened && <ConditionForm condition={condition} save={save} />}</Popover.Dropdown>
    </Popover>
  );
}

function ConditionForm({ condition, save }: { condition: Condition | null; save(condition: Condition): void }) {
  const range = useTimeRange();
  const [field, setField] = useState(condition?.field ?? '');
  const [operator, setOperator] = useState<Operator>(condition?.operator ?? '=');
  const [value, setValue] = useState(condition ? readValue(condition.value) : '');
  const time = { since: range.sinceUnixNano, until: range.untilUnixNano };
  const fields = useQuery({ queryKey: ['fields', time.since], queryFn: ({ signal }) => fieldsOf(time, signal) });
  const values = useQuery({
    queryKey: ['values', field, time.since],
    queryFn: ({ signal }) => valuesOf(field, time, signal),
    enabled: field !== '',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (field.trim() !== '' && value.trim() !== '')
      save({ field: field.trim(), operator, value: typedValue(value, field.trim()) });
  };
  return (
    <form className={classes.conditionForm} onSubmit={submit}>
      <Autocomplete
        label="Field"
        size="xs"
        data={[...new Set(fields.data ?? [])]}
        value={field}
        onChange={setField}
        limit={50}
        maxDropdownHeight={280}
        data-autofocus
        comboboxProps={{ withinPortal: false }}
        placeholder="resource.service.name"
      />
      <Select
        label="Is"
        w={80}
        data={[...operators]}
        value={operator}
        onChange={(next) => setOperator((next ?? '=') as Operator)}
        comboboxProps={{ withinPortal: false }}
      />
      <Autocomplete
        label="Value"
        size="xs"
        data={[...new Set(values.data ?? [])]}
        value={value}
        onChange={setValue}
        limit={50}
        maxDropdownHeight={280}
        comboboxProps={{ withinPortal: false }}
        placeholder={field === 'duration' ? '250ms' : ''}
      />
      <Button type="submit" variant="filled" disabled={field.trim() === '' || value.trim() === ''}>
        {condition ? 'Change' : 'Add'}
      </Button>
    </form>
  );
}
