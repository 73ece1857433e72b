import { Page } from '../design/Page';

export default function TracePage() {
  return <Page title="Trace">…</Page>;
}
