import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchOk } from '../api/client';
import type { Problem } from '../api/problem';
import type { Schemas } from '../api/schemas';
import { Badge } from '../design/Badge';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { Panel } from '../design/Panel';

type Result = Schemas['RuleTestResult'];

/** Shows what would be stored of a text, under the rules in force or under others. Nothing is stored, and the text goes into no address. */
export function TestBox() {
  const [sample, setSample] = useState('');
  const [key, setKey] = useState('');
  const [rules, setRules] = useState('');
  const test = useMutation<Result, Problem>({
    mutationFn: async () => {
      const body = JSON.stringify({ texts: [sample], key: key || undefined, rules: rules || undefined });
      return (
        await fetchOk('/api/redaction/test', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
      ).json();
    },
  });
  const result = test.data?.results[0];
  return (
    <Panel
      title="Try"
      note="nothing is stored"
      actions={
        <Button onClick={() => test.mutate()} disabled={sample === ''} loading={test.isPending}>
          Test
        </Button>
      }
    >
      <Textarea
        label="Text"
        autosize
        minRows={2}
        value={sample}
        onChange={(event) => setSample(event.currentTarget.value)}
        placeholder="mail ada@example.com"
      />
      <TextInput
        label="As the value of this attribute"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        placeholder="note"
      />
      <Textarea
        label="Under these rules (a redaction.yaml); empty for those in force"
        autosize
        minRows={2}
        value={rules}
        onChange={(event) => setRules(event.currentTarget.value)}
      />
      {test.isError && <Failure error={test.error} retry={() => test.mutate()} />}
      {result && (
        <p>
          <ForeignText text={result.text} />{' '}
          {result.findings.length === 0 ? (
            <Badge tone="ok">nothing sensitive</Badge>
          ) : (
            result.findings.map((one) => (
              <Badge key={`${one.start} ${one.detector}`} explain={`${one.rule}: ${one.action}, looks like ${one.example}`}>
                {one.detector}
              </Badge>
            ))
          )}
        </p>
      )}
    </Panel>
  );
}
