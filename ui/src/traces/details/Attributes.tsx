import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { readable, safeLink } from '../../design/foreign-text';
import { whyAddress } from '../../url/addresses';
import { useRoomAddress } from '../../url/RoomLink';
import { shown } from '../model/search';
import { type AttributeScope, filterAddress } from './attribute-query';
import classes from './Details.module.css';

type Props = { scope: AttributeScope; attributes: Record<string, unknown> | null | undefined; filter?: string };

const shortLength = 600;

/** What the server writes in the place of a value that its reader's role does not show. */
const isMasked = (value: unknown) => typeof value === 'string' && /^\[masked(: .*)?\]$/.test(value);
const maskedTitle = 'Your role does not show this attribute. The permission fields.unmask does.';

/** Attributes by name; each can be copied, searched for, or asked about. */
export function Attributes({ scope, attributes, filter = '' }: Props) {
  const wanted = filter.toLowerCase();
  const entries = Object.entries(attributes ?? {})
    .filter(([key, value]) => key.toLowerCase().includes(wanted) || shown(value).toLowerCase().includes(wanted))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <p className={classes.none}>{filter ? 'None match.' : 'None.'}</p>;
  return (
    <dl className={classes.attributes}>
      {entries.map(([key, value]) => (
        <div key={key} className={classes.attribute}>
          <dt title={readable(key, 500)}>{readable(key, 200)}</dt>
          <Value value={value} />
          {!isMasked(value) && <Actions scope={scope} name={key} value={value} />}
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  const text = shown(value);
  const link = typeof value === 'string' ? safeLink(value) : undefined;
  return (
    <dd data-type={isMasked(value) ? 'masked' : typeof value} title={isMasked(value) ? maskedTitle : undefined}>
      {link ? (
        <a href={link} target="_blank" rel="noreferrer noopener" className={classes.link}>
          {readable(text, shortLength)}
        </a>
      ) : (
        readable(text, all ? 1_000_000 : shortLength)
      )}
      {text.length > shortLength && !all && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          all {text.length} characters
        </button>
      )}
    </dd>
  );
}

function Actions({ scope, name, value }: { scope: AttributeScope; name: string; value: unknown }) {
  const [, navigate] = useLocation();
  const room = useRoomAddress();
  const only = filterAddress(scope, name, value);
  const without = filterAddress(scope, name, value, '!=');
  const text = shown(value);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size={20} className={classes.actions!} aria-label={`What to do with ${readable(name, 100)}`}>
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void navigator.clipboard?.writeText(text)}>Copy value</Menu.Item>
        <Menu.Item onClick={() => void navigator.clipboard?.writeText(`${name}=${text}`)}>Copy name=value</Menu.Item>
        {only && <Menu.Item onClick={() => navigate(room(only))}>Search spans with this</Menu.Item>}
        {without && <Menu.Item onClick={() => navigate(room(without))}>Search spans without this</Menu.Item>}
        {text.length <= 200 && <Menu.Item onClick={() => navigate(room(whyAddress(text)))}>Ask why about this id</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
