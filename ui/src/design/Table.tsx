import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useRoomAddress } from '../url/RoomLink';
import classes from './Table.module.css';

export type Column<Row> = {
  title: string;
  cell(row: Row): ReactNode;
  width?: number | string;
  align?: 'right';
  /** Less important: drawn softer. */
  soft?: boolean;
};

type Props<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  id(row: Row): string;
  /** Where the row leads: its first cell becomes the link, and a click anywhere on the row follows it. */
  to?(row: Row): string;
  chosen?: string | undefined;
};

/** A plain table for up to a few hundred rows. Longer lists are virtual: see VirtualRows. */
export function Table<Row>({ label, columns, rows, id, to, chosen }: Props<Row>) {
  const room = useRoomAddress();
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={label}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.title} style={column.width === undefined ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} data-align={column.align}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)} data-chosen={chosen === id(row)}>
              {columns.map((column, i) => {
                const content = column.cell(row);
                return (
                  <td key={column.title} data-align={column.align} data-soft={column.soft}>
                    {i === 0 && to ? (
                      <Link href={room(to(row))} className={classes.rowLink} data-row-link>
                        {content}
                      </Link>
                    ) : (
                      content
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
