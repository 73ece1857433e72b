import { Button } from '@mantine/core';
import { IconDownload, IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { apiAddress, fetchOk } from '../api/client';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatBytes } from '../design/formats';
import { bytes } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import classes from './TraceJson.module.css';

/** More than this nobody reads, and no text field bears. */
const shownMax = 400_000;

/** The answer of the API as it is. */
export default function TraceJson({ id }: { id: string }) {
  const url = apiAddress('/api/traces/{id}', { id });
  const text = useQuery({
    queryKey: ['json', id],
    queryFn: async ({ signal }) => (await fetchOk(url, { signal })).text(),
    gcTime: 10_000,
  });
  if (text.isError) return <Failure error={text.error} retry={() => void text.refetch()} />;
  if (text.isPending) return <WaitingRows count={16} />;
  const whole = text.data.length <= shownMax;
  return (
    <div className={classes.view}>
      <div className={classes.bar}>
        <span>{formatBytes(bytes(text.data.length))}</span>
        {!whole && <span>The first {formatBytes(bytes(shownMax))} are shown.</span>}
        <Button component="a" href={url} download={`${id}.json`} leftSection={<IconDownload size={15} />}>
          Download
        </Button>
        <Button component="a" href={url} target="_blank" rel="noreferrer" leftSection={<IconExternalLink size={15} />}>
          Open
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className={classes.text} tabIndex={0}>
        {whole ? readable(JSON.stringify(JSON.parse(text.data), null, 2), 10_000_000) : readable(text.data, shownMax)}
      </pre>
    </div>
  );
}
