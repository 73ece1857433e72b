import { Columns, Page } from '../design/Page';
import { Arriving } from './Arriving';
import { ErrorGroups } from './ErrorGroups';
import { LostContext } from './LostContext';
import { RecentChanges } from './RecentChanges';
import { ServicesPanel } from './ServicesPanel';
import { Traffic } from './Traffic';

/** What is happening now, and who changed what: from here to a failing trace in two clicks. */
export default function HomePage() {
  return (
    <Page title="Now" lead={<Arriving />}>
      <Traffic />
      <ServicesPanel />
      <Columns>
        <ErrorGroups />
        <RecentChanges />
      </Columns>
      <LostContext />
    </Page>
  );
}
