import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconKeyboard, IconMoon, IconSun } from '@tabler/icons-react';
import { RoomLink } from '../url/RoomLink';
import classes from './Frame.module.css';
import { type Room, rooms } from './rooms';

const groups: { name: Room['group']; title: string | null }[] = [
  { name: 'now', title: null },
  { name: 'investigate', title: 'Investigate' },
  { name: 'set up', title: 'Set up' },
];

export function Navigation({ location, showKeys }: { location: string; showKeys(): void }) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('dark');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <nav className={classes.navigation} aria-label="Rooms">
      <RoomLink to="/" className={classes.brand} aria-label="Waybill">
        <img src="/waybill.svg" alt="" width={22} height={22} />
        <span>Waybill</span>
      </RoomLink>
      {groups.map((group) => (
        <div key={group.name}>
          {group.title && <div className={classes.group}>{group.title}</div>}
          {rooms
            .filter((room) => room.group === group.name)
            .map((room) => (
              <RoomLink
                key={room.name}
                to={room.pages[0]!.path}
                className={classes.room}
                aria-label={room.label}
                aria-current={isIn(room, location) ? 'page' : undefined}
                title={`${room.label} (g ${room.key})`}
              >
                <room.icon size={17} stroke={1.7} />
                <span>{room.label}</span>
              </RoomLink>
            ))}
        </div>
      ))}
      <div className={classes.foot}>
        <Tooltip label={`Switch to ${other}`}>
          <ActionIcon aria-label={`Switch to ${other}`} onClick={() => setColorScheme(other)}>
            {scheme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Keys (?)">
          <ActionIcon aria-label="Keys" onClick={showKeys}>
            <IconKeyboard size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
    </nav>
  );
}

function isIn(room: Room, location: string): boolean {
  const entrance = room.pages[0]!.path;
  return entrance === '/' ? location === '/' : location === entrance || location.startsWith(`${entrance}/`);
}
