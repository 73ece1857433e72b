import { readable } from './foreign-text';
import classes from './marks.module.css';

/** One line of text that came with telemetry: isolated, made visible, cut by the room there is. */
export function ForeignText({ text, className }: { text: string; className?: string | undefined }) {
  const shown = readable(text, 500);
  return (
    <span className={`${classes.name} ${className ?? ''}`} title={shown}>
      {shown}
    </span>
  );
}
