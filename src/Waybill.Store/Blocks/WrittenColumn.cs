namespace Waybill.Blocks;

/// <summary>A column that is filled row by row, and written when all rows are there. Reused.</summary>
public sealed class WrittenColumn(string name, string type)
{
    private readonly byte[] _header = BlockFormat.ColumnHeader(name, type);

    public ByteBuffer Rows { get; } = new(1024);

    /// <summary>Writes columns of the same length as one block.</summary>
    public static void WriteBlock(ByteBuffer to, ReadOnlySpan<WrittenColumn> columns, int rows)
    {
        to.WriteBlockHeader(columns.Length, rows);
        foreach (WrittenColumn column in columns)
        {
            to.Write(column._header);
            to.Write(column.Rows.Span);
        }
    }
}
