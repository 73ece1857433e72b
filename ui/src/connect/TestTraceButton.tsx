import { Button } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { fetchOk } from '../api/client';
import { Problem } from '../api/problem';
import { traceAddress } from '../url/addresses';
import classes from './Connect.module.css';

const patienceMillis = 15_000;
const pauseMillis = 300;

/** Sends a small trace through the same door as everybody's, and opens it when it can be read. */
export function TestTraceButton() {
  const [, navigate] = useLocation();
  const send = useMutation({
    mutationFn: async () => {
      const response = await fetchOk('/api/connect/test-trace', { method: 'POST' });
      const { traceId } = (await response.json()) as { traceId: string };
      await untilReadable(traceId);
      return traceId;
    },
    onSuccess: (traceId) => navigate(traceAddress(traceId)),
  });
  return (
    <>
      <Button leftSection={<IconSend size={15} />} variant="filled" loading={send.isPending} onClick={() => send.mutate()}>
        Send a test trace
      </Button>
      {send.isError && <span className={classes.wrong}>{send.error.message}</span>}
    </>
  );
}

async function untilReadable(traceId: string) {
  const began = performance.now();
  while (performance.now() - began < patienceMillis) {
    try {
      await fetchOk(`/api/traces/${traceId}?fields=skeleton`);
      return;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
    await new Promise((resume) => setTimeout(resume, pauseMillis));
  }
}
