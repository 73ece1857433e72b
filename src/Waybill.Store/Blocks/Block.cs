using System.Buffers.Binary;
using System.Text;

namespace Waybill.Blocks;

/// <summary>A block that was read: its columns by name. The bytes belong to the reader and are valid until it reads on.</summary>
public sealed class Block(int rows, IReadOnlyList<BlockColumn> columns)
{
    public int Rows { get; } = rows;
    public IReadOnlyList<BlockColumn> Columns { get; } = columns;

    /// <exception cref="KeyNotFoundException">The query did not ask for this column.</exception>
    public BlockColumn this[string name] =>
        Columns.FirstOrDefault(column => column.Name == name) ?? throw new KeyNotFoundException($"The block has no column '{name}'; it has {string.Join(", ", Columns.Select(c => c.Name))}.");
}

/// <summary>One column of a block. Which members are filled follows from the type; accessors convert nothing but width.</summary>
public sealed class BlockColumn
{
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required int Rows { get; init; }

    /// <summary>Values of a fixed-width type, or the characters of a String column.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; init; }
    internal int Width { get; init; }
    /// <summary>For String: where row i ends in <see cref="Bytes"/> (its length varint is not in between). For Array and Map: where row i ends in the elements.</summary>
    internal int[]? Ends { get; init; }
    internal int[]? Starts { get; init; }
    /// <summary>For LowCardinality: row i is value Index[i] of <see cref="Values"/>.</summary>
    internal int[]? Index { get; init; }
    internal byte[]? Nulls { get; init; }
    /// <summary>Elements of an Array, values of a Map, dictionary of a LowCardinality.</summary>
    public BlockColumn? Values { get; init; }
    /// <summary>Keys of a Map.</summary>
    public BlockColumn? Keys { get; init; }
    /// <summary>Elements of a Tuple.</summary>
    public IReadOnlyList<BlockColumn> Elements { get; init; } = [];

    public bool IsNull(int row) => Index is null ? Nulls is not null && Nulls[row] != 0 : Type.StartsWith("LowCardinality(Nullable", StringComparison.Ordinal) && Index[row] == 0;

    /// <summary>The bytes of a String, FixedString or LowCardinality(String) value.</summary>
    public ReadOnlySpan<byte> GetBytes(int row)
    {
        if (Index is not null) return Values!.GetBytes(Index[row]);
        if (Starts is not null) return Bytes.Span[Starts[row]..Ends![row]];
        return Bytes.Span.Slice(row * Width, Width);
    }

    public string GetString(int row) => Encoding.UTF8.GetString(GetBytes(row));

    /// <summary>A signed or unsigned integer, date or time of any width up to 64 bits, in the column's own unit.</summary>
    public long GetInt64(int row)
    {
        ReadOnlySpan<byte> value = GetBytes(row);
        bool signed = Type.StartsWith("Int", StringComparison.Ordinal) || Type.StartsWith("DateTime64", StringComparison.Ordinal) || Type.StartsWith("Enum", StringComparison.Ordinal);
        return value.Length switch
        {
            1 => signed ? (sbyte)value[0] : value[0],
            2 => signed ? BinaryPrimitives.ReadInt16LittleEndian(value) : BinaryPrimitives.ReadUInt16LittleEndian(value),
            4 => signed ? BinaryPrimitives.ReadInt32LittleEndian(value) : BinaryPrimitives.ReadUInt32LittleEndian(value),
            8 => BinaryPrimitives.ReadInt64LittleEndian(value),
            _ => throw new InvalidOperationException($"Column {Name} is {Type}, not an integer."),
        };
    }

    public ulong GetUInt64(int row) => (ulong)GetInt64(row);

    public double GetDouble(int row) => Width switch
    {
        8 when Type == "Float64" => BinaryPrimitives.ReadDoubleLittleEndian(GetBytes(row)),
        4 when Type == "Float32" => BinaryPrimitives.ReadSingleLittleEndian(GetBytes(row)),
        _ => GetInt64(row),
    };

    /// <summary>A number for each row's text. The texts of a LowCardinality column are looked at once, not once a row.</summary>
    public int[] Numbers(Func<string, int> of)
    {
        int[] numbers = new int[Rows];
        if (Index is null)
        {
            for (int row = 0; row < Rows; row++) numbers[row] = of(GetString(row));
            return numbers;
        }
        int[] dictionary = new int[Values!.Rows];
        for (int i = 0; i < dictionary.Length; i++) dictionary[i] = of(Values.GetString(i));
        for (int row = 0; row < Rows; row++) numbers[row] = dictionary[Index[row]];
        return numbers;
    }

    /// <summary>The elements of row <paramref name="row"/> of an Array or Map, as a range of <see cref="Values"/> (and <see cref="Keys"/>).</summary>
    public Range GetRange(int row) => (row == 0 ? 0 : Ends![row - 1])..Ends![row];
}
