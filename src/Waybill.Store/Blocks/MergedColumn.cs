using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Waybill.Batches;

namespace Waybill.Blocks;

/// <summary>One column of many blocks, end to end. A kind for each shape that data has in the Native format.</summary>
internal abstract class MergedColumn
{
    /// <summary>Name and type, as they stand before the data; empty for what is inside an Array or Map.</summary>
    public required byte[] Header { get; init; }

    /// <exception cref="InvalidDataException">A type that our tables do not have.</exception>
    public static MergedColumn Of(ReadOnlySpan<byte> typeText, byte[] header)
    {
        string type = Encoding.UTF8.GetString(typeText);
        if (type == "String") return new StringColumn { Header = header };
        if (type == "LowCardinality(String)") return new DictionaryColumn { Header = header };
        if (type == "Map(String, String)") return new NestedColumn(Of("String"u8, []), Of("String"u8, [])) { Header = header };
        if (type == "Map(LowCardinality(String), String)") return new NestedColumn(Of("LowCardinality(String)"u8, []), Of("String"u8, [])) { Header = header };
        if (type is "Array(Float64)" or "Array(UInt64)") return new NestedColumn(new FixedColumn(8) { Header = [] }) { Header = header };
        if (WidthOf(type) is { } width) return new FixedColumn(width) { Header = header };
        throw new InvalidDataException($"A block of the spool has a column of type {type}, which this version does not write.");
    }

    private static int? WidthOf(string type) => type switch
    {
        "UInt8" => 1,
        "UInt16" => 2,
        "UInt32" or "Int32" or "DateTime('UTC')" => 4,
        "UInt64" or "Int64" or "Float64" or "DateTime64(9, 'UTC')" => 8,
        _ when type.StartsWith("FixedString(", StringComparison.Ordinal) => int.Parse(type.AsSpan(12, type.Length - 13), CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Remembers where the data ends, for <see cref="Undo"/>.</summary>
    public abstract void Mark();
    /// <summary>Forgets what was read since <see cref="Mark"/>.</summary>
    public abstract void Undo();
    public abstract void Clear();
    public virtual void ReadPrefix(ref BlockInput input) { }
    public virtual void WritePrefix(ByteBuffer to) { }
    public abstract void Read(ref BlockInput input, int rows);
    public abstract Task Write(Stream to, CancellationToken cancel);

    private sealed class FixedColumn(int width) : MergedColumn
    {
        private readonly ByteBuffer _bytes = new();
        private int _mark;

        public override void Mark() => _mark = _bytes.Length;
        public override void Undo() => _bytes.Truncate(_mark);
        public override void Clear() => _bytes.Clear();
        public override void Read(ref BlockInput input, int rows) => _bytes.Write(input.Take(checked(rows * width)));
        public override async Task Write(Stream to, CancellationToken cancel) => await to.WriteAsync(_bytes.Memory, cancel);
    }

    private sealed class StringColumn : MergedColumn
    {
        private readonly ByteBuffer _bytes = new();
        private int _mark;

        public override void Mark() => _mark = _bytes.Length;
        public override void Undo() => _bytes.Truncate(_mark);
        public override void Clear() => _bytes.Clear();
        public override void Read(ref BlockInput input, int rows) => _bytes.Write(input.TakeStrings(rows));
        public override async Task Write(Stream to, CancellationToken cancel) => await to.WriteAsync(_bytes.Memory, cancel);
    }

    /// <summary>LowCardinality(String): each block's dictionary is interned once, its rows are renumbered.</summary>
    private sealed class DictionaryColumn : MergedColumn
    {
        private readonly LowCardinality _values = new();
        private readonly ByteBuffer _bytes = new();
        private int[] _number = new int[64];
        private int _mark;

        public override void Mark() => _mark = _values.Rows;
        public override void Undo() => _values.Truncate(_mark);
        public override void Clear() => _values.Clear();
        public override void ReadPrefix(ref BlockInput input) => input.Take(8);
        public override void WritePrefix(ByteBuffer to) => LowCardinality.WritePrefix(to);

        public override void Read(ref BlockInput input, int rows)
        {
            if (rows == 0) return;
            ReadOnlySpan<byte> head = input.Take(16);
            int width = 1 << (int)(BinaryPrimitives.ReadUInt64LittleEndian(head) & 0xFF), count = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(head[8..]));
            if (_number.Length < count) _number = new int[count * 2];
            for (int i = 0; i < count; i++) _number[i] = _values.Intern(input.Take(input.ReadCount()));
            input.Take(8);
            ReadOnlySpan<byte> index = input.Take(checked(rows * width));
            ReadOnlySpan<int> number = _number.AsSpan(0, count);
            switch (width)
            {
                case 1: foreach (byte i in index) _values.Add(number[i]); break;
                case 2: for (int i = 0; i < index.Length; i += 2) _values.Add(number[BinaryPrimitives.ReadUInt16LittleEndian(index[i..])]); break;
                case 4: for (int i = 0; i < index.Length; i += 4) _values.Add(number[BinaryPrimitives.ReadInt32LittleEndian(index[i..])]); break;
                default: throw new InvalidDataException("A dictionary of a block has 64-bit indexes.");
            }
        }

        public override async Task Write(Stream to, CancellationToken cancel)
        {
            _bytes.Clear();
            _values.WriteData(_bytes);
            await to.WriteAsync(_bytes.Memory, cancel);
        }
    }

    /// <summary>Array and Map: offsets, then the elements (a Map's keys, then its values).</summary>
    private sealed class NestedColumn(params MergedColumn[] elements) : MergedColumn
    {
        private readonly ByteBuffer _ends = new();
        private ulong _last, _markLast;
        private int _mark;

        public override void Mark()
        {
            (_mark, _markLast) = (_ends.Length, _last);
            foreach (MergedColumn element in elements) element.Mark();
        }

        public override void Undo()
        {
            _ends.Truncate(_mark);
            _last = _markLast;
            foreach (MergedColumn element in elements) element.Undo();
        }

        public override void Clear()
        {
            _ends.Clear();
            _last = 0;
            foreach (MergedColumn element in elements) element.Clear();
        }

        public override void ReadPrefix(ref BlockInput input)
        {
            foreach (MergedColumn element in elements) element.ReadPrefix(ref input);
        }

        public override void WritePrefix(ByteBuffer to)
        {
            foreach (MergedColumn element in elements) element.WritePrefix(to);
        }

        public override void Read(ref BlockInput input, int rows)
        {
            ReadOnlySpan<byte> ends = input.Take(checked(rows * 8));
            ulong end = 0, first = _last;
            for (int i = 0; i < ends.Length; i += 8)
            {
                end = BinaryPrimitives.ReadUInt64LittleEndian(ends[i..]);
                _ends.WriteUInt64(_last = first + end);
            }
            foreach (MergedColumn element in elements) element.Read(ref input, checked((int)end));
        }

        public override async Task Write(Stream to, CancellationToken cancel)
        {
            await to.WriteAsync(_ends.Memory, cancel);
            foreach (MergedColumn element in elements) await element.Write(to, cancel);
        }
    }
}
