using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Waybill.Engine;

namespace Waybill.Blocks;

/// <summary>Reads Native blocks from a stream, one at a time; holds no more than one block.</summary>
/// <param name="source">The engine's answer; not disposed of here.</param>
/// <param name="keepBlocks">Every block keeps its own bytes, so that it stays valid when the reader reads on.</param>
/// <param name="blockBytesMax">Larger blocks are refused.</param>
/// <remarks>A block carries no length, so it is parsed from what has arrived; when that is not enough, the reader waits until twice as much is there.</remarks>
public sealed class BlockReader(Stream source, bool keepBlocks = false, int blockBytesMax = 256 * 1024 * 1024) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _start, _end;
    private bool _finished;
    private readonly FieldMask? _mask = ReadScope.Mask;

    /// <summary>The next block with at least one row, or null at the end. Its bytes are valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The stream ends inside a block, a type is unknown, or a block is larger than allowed.</exception>
    public async ValueTask<Block?> Read(CancellationToken cancel)
    {
        int wanted = 1;
        while (true)
        {
            await Fill(wanted, cancel);
            if (_start == _end) return null;
            if (TryParse(out Block? block, out int consumed))
            {
                _start += consumed;
                if (block!.Rows > 0) return block;
                wanted = 1;
                continue;
            }
            if (_finished) throw new InvalidDataException($"The engine's answer ends inside a block ({_end - _start} bytes are left over).");
            wanted = (int)Math.Min((long)(_end - _start) * 2, blockBytesMax + 1L);
            if (wanted > blockBytesMax) throw new InvalidDataException($"A block of the engine's answer is larger than {blockBytesMax} bytes.");
        }
    }

    private async ValueTask Fill(int wanted, CancellationToken cancel)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_buffer.Length < wanted)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        while (_end < wanted && !_finished)
        {
            int read = await source.ReadAsync(_buffer.AsMemory(_end), cancel);
            if (read == 0) _finished = true;
            _end += read;
        }
    }

    private bool TryParse(out Block? block, out int consumed)
    {
        var parser = new BlockParser(_buffer.AsMemory(_start, _end - _start));
        block = parser.ReadBlock();
        consumed = parser.Position;
        if (block is not null && keepBlocks && block.Rows > 0) LeaveBufferToBlock();
        if (block is not null && _mask is not null) block = _mask.Apply(block);
        return block is not null;
    }

    private void LeaveBufferToBlock()
    {
        byte[] next = ArrayPool<byte>.Shared.Rent(Math.Max(64 * 1024, _end));
        _buffer.AsSpan(0, _end).CopyTo(next);
        _buffer = next;   // the old array is the block's now and not returned to the pool
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        _finished = true;
    }
}

/// <summary>Parses one block from bytes in memory; null means that more bytes are needed.</summary>
internal sealed class BlockParser(ReadOnlyMemory<byte> memory)
{
    private const int DepthMax = 8;
    private bool _short;

    public int Position { get; private set; }

    public Block? ReadBlock()
    {
        int columnCount = ReadCount(), rows = ReadCount();
        if (_short) return null;
        var columns = new List<BlockColumn>(Math.Min(columnCount, 256));
        for (int i = 0; i < columnCount; i++)
        {
            string name = ReadText(), type = ReadText();
            if (_short) return null;
            if (rows > 0) ReadPrefix(type, 0);
            BlockColumn? column = rows > 0 ? ReadColumn(name, type, rows, 0) : new BlockColumn { Name = name, Type = type, Rows = 0 };
            if (_short || column is null) return null;
            columns.Add(column);
        }
        return new Block(rows, columns);
    }

    /// <summary>State prefixes stand once per column before its data, depth first; only LowCardinality has one.</summary>
    private void ReadPrefix(string type, int depth)
    {
        if (depth > DepthMax) throw new InvalidDataException($"Type {type} is nested deeper than {DepthMax}.");
        if (type.StartsWith("LowCardinality(", StringComparison.Ordinal)) Take(8);
        else if (Inner(type, "Array(") is { } element) ReadPrefix(element, depth + 1);
        else if (Inner(type, "Nullable(") is { } nullable) ReadPrefix(nullable, depth + 1);
        else if ((Inner(type, "Map(") ?? Inner(type, "Tuple(")) is { } parts)
            foreach (string part in Split(parts)) ReadPrefix(part, depth + 1);
    }

    private BlockColumn? ReadColumn(string name, string type, int rows, int depth)
    {
        if (_short || depth > DepthMax) return null;
        if (type == "String") return ReadStrings(name, rows);
        if (WidthOf(type) is { } width)
            return new BlockColumn { Name = name, Type = type, Rows = rows, Width = width, Bytes = TakeMemory((long)rows * width) };
        if (Inner(type, "LowCardinality(") is { } values) return ReadLowCardinality(name, type, values, rows);
        if (Inner(type, "Nullable(") is { } inner)
        {
            byte[] nulls = Take(rows).ToArray();
            BlockColumn? column = ReadColumn(name, inner, rows, depth + 1);
            return column is null ? null : new BlockColumn
            {
                Name = name, Type = inner, Rows = rows, Width = column.Width, Bytes = column.Bytes, Starts = column.Starts, Ends = column.Ends,
                Values = column.Values, Keys = column.Keys, Nulls = nulls,
            };
        }
        if (Inner(type, "Array(") is { } element)
        {
            int[]? ends = ReadOffsets(rows);
            BlockColumn? elements = ends is null ? null : ReadColumn("", element, Last(ends), depth + 1);
            return elements is null ? null : new BlockColumn { Name = name, Type = type, Rows = rows, Ends = ends, Values = elements };
        }
        if (Inner(type, "Map(") is { } pair)
        {
            string[] parts = [.. Split(pair)];
            int[]? ends = ReadOffsets(rows);
            BlockColumn? keys = ends is null ? null : ReadColumn("", parts[0], Last(ends), depth + 1);
            BlockColumn? mapped = keys is null ? null : ReadColumn("", parts[1], Last(ends!), depth + 1);
            return mapped is null ? null : new BlockColumn { Name = name, Type = type, Rows = rows, Ends = ends, Keys = keys, Values = mapped };
        }
        if (Inner(type, "Tuple(") is { } members)
        {
            var elements = new List<BlockColumn>();
            foreach (string member in Split(members))
            {
                if (ReadColumn("", member, rows, depth + 1) is not { } part) return null;
                elements.Add(part);
            }
            return new BlockColumn { Name = name, Type = type, Rows = rows, Elements = elements };
        }
        if (Inner(type, "SimpleAggregateFunction(") is { } aggregate) return ReadColumn(name, Split(aggregate).Last(), rows, depth + 1);
        throw new InvalidDataException($"Column {name} has type {type}, which this reader does not know.");
    }

    private BlockColumn? ReadStrings(string name, int rows)
    {
        if (rows > memory.Length - Position) { _short = true; return null; }   // each string has at least its length byte
        int[] starts = new int[rows], ends = new int[rows];
        for (int i = 0; i < rows; i++)
        {
            int length = ReadCount();
            if (_short || memory.Length - Position < length) { _short = true; return null; }
            starts[i] = Position;
            Position += length;
            ends[i] = Position;
        }
        return new BlockColumn { Name = name, Type = "String", Rows = rows, Bytes = memory, Starts = starts, Ends = ends };
    }

    private BlockColumn? ReadLowCardinality(string name, string type, string valueType, int rows)
    {
        if (rows == 0) return new BlockColumn { Name = name, Type = type, Rows = 0, Index = [] };
        ReadOnlySpan<byte> head = Take(16);
        if (_short) return null;
        int width = 1 << (int)(BinaryPrimitives.ReadUInt64LittleEndian(head) & 0xFF);
        int size = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(head[8..]));
        // The dictionary of LowCardinality(Nullable(T)) is plain T; its first value stands for NULL.
        BlockColumn? dictionary = ReadColumn("", Inner(valueType, "Nullable(") ?? valueType, size, 1);
        if (dictionary is null) return null;
        Take(8);
        ReadOnlySpan<byte> raw = Take(rows * width);
        if (_short) return null;
        int[] index = new int[rows];
        for (int i = 0; i < rows; i++)
            index[i] = width switch
            {
                1 => raw[i],
                2 => BinaryPrimitives.ReadUInt16LittleEndian(raw[(i * 2)..]),
                4 => (int)BinaryPrimitives.ReadUInt32LittleEndian(raw[(i * 4)..]),
                _ => throw new InvalidDataException($"Column {name} has a dictionary with 64-bit indexes."),
            };
        return new BlockColumn { Name = name, Type = type, Rows = rows, Index = index, Values = dictionary };
    }

    private int[]? ReadOffsets(int rows)
    {
        ReadOnlySpan<byte> raw = Take(rows * 8L);
        if (_short) return null;
        int[] ends = new int[rows];
        for (int i = 0; i < rows; i++) ends[i] = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(raw[(i * 8)..]));
        return ends;
    }

    private static int Last(int[] ends) => ends.Length == 0 ? 0 : ends[^1];

    private int ReadCount()
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            if (Position >= memory.Length) { _short = true; return 0; }
            byte next = memory.Span[Position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return checked((int)value);
        }
        throw new InvalidDataException("A count in the engine's answer is malformed.");
    }

    private string ReadText()
    {
        int length = ReadCount();
        return Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(long count) => TakeMemory(count).Span;

    private ReadOnlyMemory<byte> TakeMemory(long count)
    {
        if (_short || memory.Length - Position < count) { _short = true; return default; }
        var taken = memory.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    private static string? Inner(string type, string prefix) =>
        type.StartsWith(prefix, StringComparison.Ordinal) ? type[prefix.Length..^1] : null;

    /// <summary>Splits "a T, Map(K, V)" at the commas of the outer level and drops element names.</summary>
    private static IEnumerable<string> Split(string parts)
    {
        int depth = 0, from = 0;
        for (int i = 0; i <= parts.Length; i++)
        {
            if (i < parts.Length && parts[i] == '(') depth++;
            else if (i < parts.Length && parts[i] == ')') depth--;
            else if (i == parts.Length || (parts[i] == ',' && depth == 0))
            {
                string part = parts[from..i].Trim();
                int space = part.IndexOf(' '), open = part.IndexOf('(');
                yield return space > 0 && (open < 0 || space < open) ? part[(space + 1)..] : part;
                from = i + 1;
            }
        }
    }

    private static int? WidthOf(string type) => type switch
    {
        "UInt8" or "Int8" or "Bool" => 1,
        "UInt16" or "Int16" or "Date" => 2,
        "UInt32" or "Int32" or "Float32" or "DateTime" or "Date32" or "IPv4" => 4,
        "UInt64" or "Int64" or "Float64" => 8,
        "UInt128" or "Int128" or "UUID" or "IPv6" => 16,
        _ when type.StartsWith("DateTime64(", StringComparison.Ordinal) => 8,
        _ when type.StartsWith("DateTime(", StringComparison.Ordinal) => 4,
        _ when type.StartsWith("Enum8(", StringComparison.Ordinal) => 1,
        _ when type.StartsWith("Enum16(", StringComparison.Ordinal) => 2,
        _ when Inner(type, "FixedString(") is { } width => int.Parse(width, System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
