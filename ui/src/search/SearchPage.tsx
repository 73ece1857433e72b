import { Page } from '../design/Page';

export default function SearchPage() {
  return <Page title="Search">…</Page>;
}
