import classes from './states.module.css';

/** The shape of rows that are on their way. */
export function WaitingRows({ count = 8 }: { count?: number }) {
  return (
    <div className={classes.rows} aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className={classes.line} style={{ width: `${92 - ((i * 37) % 41)}%` }} />
      ))}
    </div>
  );
}

export function WaitingBlock({ height }: { height: number | string }) {
  return <div className={classes.block} style={{ height }} aria-busy="true" role="status" aria-label="Loading" />;
}
