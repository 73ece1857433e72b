using System.Runtime.CompilerServices;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Attributes;

/// <summary>
/// Builds a <c>Map(LowCardinality(String), String)</c> column of attributes. Keys are stored with their value's type letter.
/// Keys repeat from span to span in the same order, so each is first compared with the one that stood at the same place before.
/// </summary>
public sealed class AttributeMap
{
    /// <summary>Known keys kept from block to block; beyond it the table starts afresh.</summary>
    private const int KnownKeysMax = 8192;

    private readonly IReadOnlyList<string> _promoted;
    private readonly LowCardinality _known = new();          // every key met, to number them
    private readonly Column<int> _mapIndexOf = new(256);     // number -> index in this block's dictionary, or -1; promoted keys are numbers 1 to n
    private readonly Column<int> _guess = new(64);           // place in the item -> number of the key met there last
    private readonly LowCardinality _keys = new();
    private readonly ByteBuffer _values = new(64 * 1024);
    private readonly Column<ulong> _ends = new(1024);

    /// <param name="promoted">Typed keys such as <c>s:http.route</c> that the caller stores in columns of their own.</param>
    public AttributeMap(params IReadOnlyList<string> promoted)
    {
        _promoted = promoted;
        Forget();
    }

    public int Rows => _ends.Count;

    public void Clear()
    {
        _keys.Clear();
        _values.Clear();
        _ends.Clear();
        if (_known.Values > KnownKeysMax) Forget();
        for (int i = 0; i < _mapIndexOf.Count; i++) _mapIndexOf[i] = -1;
    }

    /// <summary>Adds a row without promoted keys.</summary>
    public void Add(TextArena text, AttributeColumns attributes, Range range) => Add<NoPromotion>(text, attributes, range, default);

    /// <summary>Adds a row: what <paramref name="promotion"/> takes goes to its own column, the rest into the map.</summary>
    public void Add<TPromotion>(TextArena text, AttributeColumns attributes, Range range, TPromotion promotion) where TPromotion : struct, IPromotion
    {
        ReadOnlySpan<Text> keys = attributes.Key.Span;
        ReadOnlySpan<AnyValue> values = attributes.Value.Span;
        int start = range.Start.Value, end = range.End.Value;
        for (int i = start; i < end; i++)
        {
            AnyValue value = values[i];
            int number = Number(i - start, value.TypeCode, text[keys[i]]);
            if (number <= _promoted.Count && promotion.Take(number - 1, value)) continue;
            int index = _mapIndexOf[number];
            if (index < 0) index = _mapIndexOf[number] = _keys.InternKey(value.TypeCode, text[keys[i]]);
            _keys.Add(index);
            ValueText.Write(_values, text, value);
        }
        _ends.Add((ulong)_keys.Rows);
    }

    /// <summary>Writes the column's data; its header went before.</summary>
    public void WriteData(ByteBuffer to)
    {
        LowCardinality.WritePrefix(to);
        to.WriteValues(_ends.Span);
        _keys.WriteData(to);
        to.Write(_values.Span);
    }

    /// <summary>Writes the data of a <c>Map(String, String)</c> column with one row a range.</summary>
    public static void WritePlain(ByteBuffer to, TextArena text, AttributeColumns attributes, ReadOnlySpan<Range> rows)
    {
        ulong end = 0;
        foreach (Range row in rows) to.WriteUInt64(end += (ulong)(row.End.Value - row.Start.Value));
        foreach (Range row in rows) WriteKeys(to, text, attributes, row);
        foreach (Range row in rows) WriteValues(to, text, attributes, row);
    }

    /// <summary>Appends the keys of one row as Native Strings.</summary>
    public static void WriteKeys(ByteBuffer to, TextArena text, AttributeColumns attributes, Range row)
    {
        for (int i = row.Start.Value; i < row.End.Value; i++)
        {
            ReadOnlySpan<byte> key = text[attributes.Key[i]];
            to.WriteVarUInt((uint)key.Length + 2);
            to.WriteByte(attributes.Value[i].TypeCode);
            to.WriteByte((byte)':');
            to.Write(key);
        }
    }

    /// <summary>Appends the values of one row as Native Strings.</summary>
    public static void WriteValues(ByteBuffer to, TextArena text, AttributeColumns attributes, Range row)
    {
        for (int i = row.Start.Value; i < row.End.Value; i++) ValueText.Write(to, text, attributes.Value[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Number(int place, byte typeCode, ReadOnlySpan<byte> key)
    {
        if (place < _guess.Count)
        {
            int guess = _guess[place];
            if (_known.IsKey(guess, typeCode, key)) return guess;
        }
        return NumberSlowly(place, typeCode, key);
    }

    private int NumberSlowly(int place, byte typeCode, ReadOnlySpan<byte> key)
    {
        int number = _known.InternKey(typeCode, key);
        while (_mapIndexOf.Count <= number) _mapIndexOf.Add(-1);
        while (_guess.Count <= place && _guess.Count < 256) _guess.Add(number);
        if (place < _guess.Count) _guess[place] = number;
        return number;
    }

    private void Forget()
    {
        _known.Clear();
        _mapIndexOf.Clear();
        _guess.Clear();
        _mapIndexOf.Add(-1);   // number 0 is the empty string, never a key: keys carry a type letter
        foreach (string key in _promoted)
        {
            _known.Intern(System.Text.Encoding.UTF8.GetBytes(key));
            _mapIndexOf.Add(-1);
        }
    }

    private readonly struct NoPromotion : IPromotion
    {
        public bool Take(int number, AnyValue value) => false;
    }
}

/// <summary>Takes attributes out of the map into columns of their own. A struct, so that the call is compiled in.</summary>
public interface IPromotion
{
    /// <summary>Takes promoted key <paramref name="number"/> of the current row, or leaves it to the map (a second value, or one that the column cannot say).</summary>
    bool Take(int number, AnyValue value);
}
