import { Kbd } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Suspense, useEffect, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { Empty } from '../design/Empty';
import { WaitingRows } from '../design/Waiting';
import { RangePicker } from '../time/RangePicker';
import { useRoomAddress } from '../url/RoomLink';
import { CommandPalette } from './CommandPalette';
import classes from './Frame.module.css';
import { KeyHelp } from './KeyHelp';
import { listenToKeys, useKeys } from './keys';
import { Navigation } from './Navigation';
import { PageBoundary } from './PageBoundary';
import { inner, rooms } from './rooms';

/** What is around every page: navigation, jump box, time range, keys. */
export function Frame() {
  const [location, navigate] = useLocation();
  const room = useRoomAddress();
  const [dialog, setDialog] = useState<'palette' | 'keys' | null>(null);
  useEffect(listenToKeys, []);
  useKeys('Everywhere', [
    { keys: 'ctrl+k', label: 'Jump anywhere, paste any id', run: () => setDialog('palette') },
    { keys: '/', label: 'Search', run: () => navigate(room('/search?focus=1')) },
    { keys: '?', label: 'Keys', run: () => setDialog('keys') },
    ...rooms.map((one) => ({ keys: `g ${one.key}`, label: one.label, run: () => navigate(room(one.pages[0]!.path)) })),
  ]);
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <Navigation location={location} showKeys={() => setDialog('keys')} />
      <header className={classes.bar}>
        <button type="button" className={classes.jump} onClick={() => setDialog('palette')}>
          <IconSearch size={15} />
          <span>Jump to, or paste any id</span>
          <Kbd size="xs">Ctrl K</Kbd>
        </button>
        <div className={classes.time}>
          <RangePicker />
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <PageBoundary key={location}>
          <Suspense fallback={<WaitingRows />}>
            <Switch>
              {[...rooms.flatMap((one) => one.pages), ...inner].map(({ path, page }) => (
                <Route key={path} path={path} component={page} />
              ))}
              <Route>
                <Empty title="There is nothing at this address">Ctrl K finds rooms, services, and anything by its id.</Empty>
              </Route>
            </Switch>
          </Suspense>
        </PageBoundary>
      </main>
      <CommandPalette opened={dialog === 'palette'} close={() => setDialog(null)} />
      <KeyHelp opened={dialog === 'keys'} close={() => setDialog(null)} />
    </div>
  );
}
