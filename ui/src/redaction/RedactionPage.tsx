import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Badge } from '../design/Badge';
import { Command, Empty } from '../design/Empty';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { formatExact } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { Sparkline } from '../design/Sparkline';
import { type Column, Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { TestBox } from './TestBox';
import { trendOf } from './trend';

type Finding = Schemas['FindingCount'];
type ShownRule = Schemas['ShownRule'];

/** What was sensitive and was changed before it was stored, by which rules; and a box to try texts and rules on. */
export default function RedactionPage() {
  const range = useTimeRange();
  const findings = useApi('/api/redaction/findings', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 500 });
  const rules = useApi('/api/redaction/rules');
  const score = useApi('/api/redaction/score');
  return (
    <Page title="Redaction" lead="nothing sensitive is stored" actions={<Partial of={findings.data} />}>
      {rules.data && (
        <Panel title="In force" actions={<Command text="waybill redact test app.log" />}>
          <Facts
            of={[
              [
                'Rules',
                rules.data.source ? (
                  <ForeignText key="source" text={rules.data.source} />
                ) : (
                  'built in: save redaction.yaml in the data directory for your own'
                ),
              ],
              ['Mode', rules.data.mode === 'allow' ? 'allow: only what is named passes' : 'deny: what is found is changed'],
              [
                'Got through',
                score.data?.scannedAtUnixNano
                  ? `${formatExact(score.data.exposedItems)} of ${formatExact(score.data.scannedItems)} stored items, by a second, stricter scan`
                  : 'not scanned yet',
              ],
            ]}
          />
          {rules.data.errors.map((error) => (
            <Badge key={`${error.line} ${error.field}`} tone="error">
              <ForeignText text={`line ${error.line} ${error.field}: ${error.message}`} />
            </Badge>
          ))}
        </Panel>
      )}
      <Panel title="Found" note={findings.data && `${formatExact(findings.data.total)} texts`} flush>
        {findings.isPending ? (
          <WaitingRows count={8} />
        ) : findings.isError && !findings.data ? (
          <Failure error={findings.error} retry={() => void findings.refetch()} />
        ) : findings.data.findings.length === 0 ? (
          <Empty title="Nothing sensitive was found in this time">
            Passwords, keys, tokens, cookies, addresses, cards and national ids are replaced, masked or hashed before anything is
            stored. What was found is listed here, never the text itself.
          </Empty>
        ) : (
          <Table
            label="Findings"
            columns={findingColumns(findings.data.trend)}
            rows={findings.data.findings}
            id={(one) => [one.service, one.signal, one.carrier, one.key, one.detector, one.rule, one.action].join(' ')}
          />
        )}
      </Panel>
      <TestBox />
      {rules.data && rules.data.rules.length > 0 && (
        <Panel title="Rules" note="asked in this order" flush>
          <Table label="Rules" columns={ruleColumns} rows={rules.data.rules} id={(rule) => `${rule.source} ${rule.name}`} />
        </Panel>
      )}
    </Page>
  );
}

const findingColumns = (trend: readonly Schemas['FindingHour'][]): Column<Finding>[] => [
  { title: 'What', width: 150, cell: (one) => one.detector },
  { title: 'Service', width: 150, cell: (one) => <ServiceName service={one.service} /> },
  { title: 'Where', width: 170, soft: true, cell: (one) => one.carrier },
  { title: 'Key', cell: (one) => <ForeignText text={one.key} /> },
  { title: 'Done', width: 90, cell: (one) => one.action },
  { title: 'Rule', width: 110, soft: true, cell: (one) => <ForeignText text={one.rule} /> },
  { title: 'Looks like', width: 220, soft: true, cell: (one) => <ForeignText text={one.examples[0] ?? ''} /> },
  {
    title: 'Trend',
    width: 110,
    cell: (one) => <Sparkline values={trendOf(trend, one.detector)} label={`${one.detector} by hour, all services`} />,
  },
  { title: 'Count', width: 90, align: 'right', cell: (one) => formatExact(one.count) },
];

const ruleColumns: Column<ShownRule>[] = [
  { title: 'Rule', width: 180, cell: (rule) => <ForeignText text={rule.name} /> },
  { title: 'Keys', cell: (rule) => <ForeignText text={rule.keys.join(', ') || 'any'} /> },
  { title: 'Signals', width: 140, soft: true, cell: (rule) => rule.signals.join(', ') || 'all' },
  { title: 'Services', width: 160, soft: true, cell: (rule) => <ForeignText text={rule.services.join(', ') || 'all'} /> },
  { title: 'Detectors', width: 180, soft: true, cell: (rule) => rule.detectors.join(', ') },
  { title: 'Action', width: 100, cell: (rule) => rule.action },
];
