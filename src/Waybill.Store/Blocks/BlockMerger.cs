namespace Waybill.Blocks;

/// <summary>
/// Makes one large Native block of many small ones with the same columns. The engine takes 500-row blocks too, but spends half as much again
/// on each row: it merges their dictionaries value by value (docs/decisions/0004-what-a-span-costs.md). Here a dictionary is merged once a block.
/// </summary>
/// <remarks>Knows the types that our tables are written with. Reused; one a thread.</remarks>
public sealed class BlockMerger
{
    private readonly List<MergedColumn> _columns = [];
    private readonly ByteBuffer _small = new(64);

    /// <summary>Rows gathered.</summary>
    public int Rows { get; private set; }

    /// <summary>Adds the rows of one block. False, and nothing is added, when its columns are not those of the blocks before: write those out first.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a block of types known here.</exception>
    public bool TryAdd(ReadOnlySpan<byte> block)
    {
        var input = new BlockInput(block);
        int columnCount = input.ReadCount(), rows = input.ReadCount();
        if (rows == 0) return true;
        if (Rows > 0 && columnCount != _columns.Count) return false;

        for (int i = 0; i < columnCount; i++)
        {
            ReadOnlySpan<byte> header = input.ReadHeader(out ReadOnlySpan<byte> type);
            if (i >= _columns.Count || !header.SequenceEqual(_columns[i].Header))
            {
                if (Rows > 0)
                {
                    for (int added = 0; added < i; added++) _columns[added].Undo();
                    return false;
                }
                _columns.RemoveRange(i, _columns.Count - i);   // the first block says what the columns are
                _columns.Add(MergedColumn.Of(type, header.ToArray()));
            }
            _columns[i].Mark();
            _columns[i].ReadPrefix(ref input);
            _columns[i].Read(ref input, rows);
        }
        if (Rows == 0) _columns.RemoveRange(columnCount, _columns.Count - columnCount);
        if (!input.IsAtEnd) throw new InvalidDataException("Bytes follow a block.");
        Rows += rows;
        return true;
    }

    /// <summary>Writes what was gathered as one block and forgets it; nothing when there are no rows.</summary>
    public async Task WriteTo(Stream to, CancellationToken cancel)
    {
        if (Rows == 0) return;
        _small.Clear();
        _small.WriteBlockHeader(_columns.Count, Rows);
        await to.WriteAsync(_small.Memory, cancel);
        foreach (MergedColumn column in _columns)
        {
            _small.Clear();
            _small.Write(column.Header);
            column.WritePrefix(_small);
            await to.WriteAsync(_small.Memory, cancel);
            await column.Write(to, cancel);
        }
        Clear();
    }

    public void Clear()
    {
        Rows = 0;
        foreach (MergedColumn column in _columns) column.Clear();
    }
}
