import { BaseEdge, type Edge, type EdgeProps, getBezierPath } from '@xyflow/react';
import type { Route } from './layout';
import { middleOf, roundedPath } from './route';

export type RoutedEdge = Edge<{ route?: Route | undefined }, 'routed'>;

/** An arrow along the way that the layout found for it; a plain curve while there is none, as when its box is being moved. */
export function RoutedArrow(props: EdgeProps<RoutedEdge>) {
  const { id, data, label, labelStyle, style, markerEnd } = props;
  const route = data?.route;
  const [curve, labelX, labelY] = getBezierPath(props);
  const at = route ? (route.label ?? middleOf(route.points)) : { x: labelX, y: labelY };
  return (
    <BaseEdge
      id={id}
      path={route ? roundedPath(route.points) : curve}
      label={label}
      labelX={at.x}
      labelY={at.y}
      labelBgStyle={{ fill: 'var(--ground)' }}
      labelBgPadding={[4, 1]}
      labelBgBorderRadius={3}
      {...(labelStyle && { labelStyle })}
      {...(style && { style })}
      {...(markerEnd && { markerEnd })}
      interactionWidth={12}
    />
  );
}
