import { Button } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX } from '@tabler/icons-react';
import { Problem } from '../api/problem';
import { Empty } from './Empty';
import classes from './states.module.css';

/** A question that could not be answered: why, and what to do. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  if (error instanceof Problem && error.isMissingEndpoint)
    return (
      <Empty title="This server cannot answer that yet" icon={<IconPlugConnectedX size={28} stroke={1.4} />}>
        The console asks for something that this version of the server does not have. Update the server, then load the page again.
      </Empty>
    );
  const title =
    error instanceof Problem && error.status === 0
      ? 'No connection'
      : error instanceof Problem && error.passes
        ? 'Busy'
        : 'That did not work';
  return (
    <div className={classes.state} data-failed="true" role="alert">
      <span className={classes.mark}>
        <IconAlertTriangle size={28} stroke={1.4} />
      </span>
      <div className={classes.title}>{title}</div>
      <div className={classes.text}>{error.message}</div>
      {retry && (
        <div className={classes.action}>
          <Button onClick={retry}>Try again</Button>
        </div>
      )}
    </div>
  );
}
