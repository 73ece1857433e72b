import { Page } from '../design/Page';

export default function HomePage() {
  return <Page title="Now">…</Page>;
}
