import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { formatDuration } from '../../design/formats';
import { serviceIndex } from '../../design/service-colour';
import { nanos } from '../../design/units';
import { isError, type TraceColumns } from '../model/columns';
import { place, ticks, type Window } from './bars';
import classes from './Waterfall.module.css';

type Props = {
  columns: TraceColumns;
  start: Float64Array;
  whole: Window;
  window: Window;
  setWindow(window: Window | null): void;
};

/** The whole trace in little. Dragging chooses the part that is shown below; a double click shows all again. */
export function Minimap({ columns, start, whole, window, setWindow }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme('dark');
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme is another painting
  useEffect(() => {
    if (canvas.current && width > 0) paint(canvas.current, width, columns, start, whole);
  }, [columns, start, whole, width, scheme]);

  const timeAt = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return whole.from + share * (whole.to - whole.from);
  };
  const finish = () => {
    if (drag && Math.abs(drag.to - drag.from) > (whole.to - whole.from) / 500)
      setWindow({ from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) });
    setDrag(null);
  };
  const shown = drag ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) } : window;
  const left = place(shown.from, whole);
  const right = place(shown.to, whole);
  return (
    <div className={classes.map}>
      <canvas ref={canvas} className={classes.canvas} aria-hidden />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a picture to drag over; z and the address do the same by keyboard */}
      <div
        ref={ref}
        className={classes.brush}
        data-testid="minimap"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: timeAt(event), to: timeAt(event) });
        }}
        onPointerMove={(event) => drag && setDrag({ from: drag.from, to: timeAt(event) })}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
        onDoubleClick={() => setWindow(null)}
      >
        <div className={classes.outside} style={{ left: 0, width: `${left * 100}%` }} />
        <div className={classes.outside} style={{ left: `${right * 100}%`, right: 0 }} />
        {(left > 0 || right < 1) && (
          <div className={classes.window} style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />
        )}
      </div>
      <Ruler window={window} />
    </div>
  );
}

function Ruler({ window }: { window: Window }) {
  const marks = ticks(window, 5);
  return (
    <div className={classes.ticks} aria-hidden>
      {marks.map((tick) => {
        const at = place(tick, window);
        return (
          <span key={tick} className={classes.tick} data-last={at > 0.93} style={{ left: `${at * 100}%` }}>
            {formatDuration(nanos(tick))}
          </span>
        );
      })}
    </div>
  );
}

const height = 44;

/** Every span is a line; a hundred thousand of them share the rows that there are. Errors are painted last. */
function paint(canvas: HTMLCanvasElement, width: number, columns: TraceColumns, start: Float64Array, whole: Window) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(document.documentElement);
  const colours = columns.services.map((service) => style.getPropertyValue(`--service-${serviceIndex(service)}`));
  const line = Math.max(scale, Math.min(3 * scale, canvas.height / columns.count));
  const draw = (span: number) => {
    const x = place(start[span]!, whole) * canvas.width;
    const length = Math.max(scale, (Math.max(0, columns.duration[span]!) / (whole.to - whole.from)) * canvas.width);
    context.fillRect(x, (span / columns.count) * (canvas.height - line), length, line);
  };
  context.globalAlpha = columns.count > 2_000 ? 0.6 : 0.9;
  for (let span = 0; span < columns.count; span++) {
    context.fillStyle = colours[columns.service[span]!]!;
    draw(span);
  }
  context.globalAlpha = 1;
  context.fillStyle = style.getPropertyValue('--error');
  for (let span = 0; span < columns.count; span++) if (isError(columns, span)) draw(span);
}
