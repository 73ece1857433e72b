import { readable } from './foreign-text';
import classes from './marks.module.css';
import { serviceColour } from './service-colour';

/** A service's name beside its colour. */
export function ServiceName({ service }: { service: string }) {
  const name = readable(service, 200);
  return (
    <span className={classes.service} title={name}>
      <span className={classes.swatch} style={{ background: serviceColour(service) }} />
      <span className={classes.name}>{name || '(no name)'}</span>
    </span>
  );
}
