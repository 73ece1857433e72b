import { Page } from '../design/Page';

export default function ConnectPage() {
  return <Page title="Connect">…</Page>;
}
