import { Button } from '@mantine/core';
import { IconBug } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { Command, Empty } from '../design/Empty';

/** A page that fails takes only itself down. */
export class PageBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    // A part of a page that is no longer there: the program was updated under an open page.
    const outdated = /dynamically imported module|Importing a module script failed/.test(error.message);
    return (
      <Empty
        title={outdated ? 'There is a newer console' : 'This page failed'}
        icon={<IconBug size={28} stroke={1.4} />}
        action={<Button onClick={() => window.location.reload()}>Load again</Button>}
      >
        {outdated ? 'Waybill was updated while this page was open.' : <Command text={error.stack ?? error.message} />}
      </Empty>
    );
  }
}
