type Props = { values: readonly number[]; width?: number; height?: number; colour?: string; label: string };

/** A trend without axes. */
export function Sparkline({ values, width = 96, height = 22, colour = 'var(--chart)', label }: Props) {
  const top = Math.max(...values, 1e-9);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(height - 1 - (value / top) * (height - 3)).toFixed(1)}`);
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} fill={colour} opacity={0.15} />
      <polyline points={points.join(' ')} fill="none" stroke={colour} strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
}
