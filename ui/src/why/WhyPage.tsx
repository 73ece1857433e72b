import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../api/client';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { WaitingBlock } from '../design/Waiting';
import { Story } from '../traces/why/Story';
import { text, useUrlState } from '../url/url-state';
import { Causality } from './Causality';
import classes from './WhyPage.module.css';

const codecs = { id: text() };

/** The causal story of anything that has an id or a name; of what is missing, why. */
export default function WhyPage() {
  const [{ id }, set] = useUrlState(codecs);
  return (
    <Page title="Why">
      <Question key={id} id={id} ask={(next) => set({ id: next }, { push: true })} />
      {id ? (
        <div className={classes.columns}>
          <Answer id={id} />
          <Causality key={id} id={id} />
        </div>
      ) : (
        <Empty title="Ask about anything">
          A trace, span, order, request or message id, a commit, a change, a service, an instance or an exception: the answer
          tells what happened, what led to it, what changed before, who did that, and what to do next. Of an id that is not there
          it tells why.
        </Empty>
      )}
    </Page>
  );
}

function Question({ id, ask }: { id: string; ask(id: string): void }) {
  const [typed, setTyped] = useState(id);
  return (
    <form
      className={classes.ask}
      onSubmit={(event) => {
        event.preventDefault();
        ask(typed.trim());
      }}
    >
      <TextInput
        aria-label="What to ask about"
        placeholder="order-7, 0af7651916cd43dd8448eb211c80319c, payments, 4f1c2d9 …"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        className={classes.input}
      />
      <Button type="submit" disabled={!typed.trim()}>
        Why?
      </Button>
    </form>
  );
}

function Answer({ id }: { id: string }) {
  const answer = useApi('/api/why/{anything}', { anything: id }, { keep: false });
  if (answer.isError) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <WaitingBlock height={320} />;
  return (
    <Panel title={readable(id, 120)} actions={<Partial of={answer.data.status === 'partial' ? answer.data : undefined} />}>
      <Story answer={answer.data.answer} steps={answer.data.steps} />
    </Panel>
  );
}
