using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waybill.Batches;

namespace Waybill.Blocks;

/// <summary>Builds a <c>LowCardinality(String)</c> column: a dictionary of this block's values and an index for each row. Reused.</summary>
/// <remarks>
/// <code>
/// prefix = u64 1                                          once per column, before offsets of an enclosing Array or Map
/// data   = u64 flags (0x600 | width of an index: 0 u8, 1 u16, 2 u32), u64 dictionary size, dictionary as String,
///          u64 rows, rows x index                         nothing at all when there are no rows
/// </code>
/// Value 0 of the dictionary is always the empty string, as the server writes it.
/// The table is probed with a seed of this process, so that no sender can choose keys that collide.
/// </remarks>
public sealed class LowCardinality
{
    private const ulong HasAdditionalKeys = 0x200, NeedsUpdate = 0x400;
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64();

    private readonly ByteBuffer _dictionary = new(1024);   // values as VarUInt length and bytes, ready to be sent
    private readonly Column<Text> _values = new();         // where each value's bytes lie in _dictionary
    private readonly Column<int> _index = new(1024);
    private int[] _slots = new int[256];                   // value number + 1; 0 is free
    private uint[] _hashes = new uint[256];

    /// <summary>Rows added since <see cref="Clear"/>.</summary>
    public int Rows => _index.Count;

    /// <summary>Distinct values interned since <see cref="Clear"/>.</summary>
    public int Values => _values.Count;

    /// <summary>The number of the empty string.</summary>
    public const int Empty = 0;

    public LowCardinality() => Intern(default);

    public void Clear()
    {
        _dictionary.Clear();
        _values.Clear();
        _index.Clear();
        Array.Clear(_slots);
        Intern(default);
    }

    /// <summary>Forgets the rows from <paramref name="rows"/> on; values stay in the dictionary.</summary>
    public void Truncate(int rows) => _index.Truncate(rows);

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<byte> value) => _index.Add(Intern(value));

    /// <summary>Adds a row with a value that was interned before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int value) => _index.Add(value);

    /// <summary>Whether interned value number <paramref name="value"/> is an attribute key with this type letter: the cheap guess before a look-up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsKey(int value, byte typeCode, ReadOnlySpan<byte> key)
    {
        if ((uint)value >= (uint)_values.Count) return false;
        Text text = _values[value];
        if (text.Length != key.Length + 2) return false;
        ReadOnlySpan<byte> bytes = _dictionary.Span.Slice(text.Offset, text.Length);
        return bytes[0] == typeCode && bytes[2..].SequenceEqual(key);
    }

    /// <summary>The number of an attribute key, stored as type letter, colon, name.</summary>
    public int InternKey(byte typeCode, ReadOnlySpan<byte> key)
    {
        Span<byte> typed = key.Length <= 254 ? stackalloc byte[256] : new byte[key.Length + 2];
        typed[0] = typeCode;
        typed[1] = (byte)':';
        key.CopyTo(typed[2..]);
        return Intern(typed[..(key.Length + 2)]);
    }

    /// <summary>The number of a value in this block's dictionary.</summary>
    public int Intern(ReadOnlySpan<byte> value)
    {
        uint hash = Hash(value);
        int mask = _slots.Length - 1;
        for (int slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            int found = _slots[slot] - 1;
            if (found < 0)
            {
                int added = Append(value);
                _slots[slot] = added + 1;
                _hashes[slot] = hash;
                if (_values.Count * 2 > _slots.Length) Widen();
                return added;
            }
            if (_hashes[slot] == hash)
            {
                Text text = _values[found];
                if (_dictionary.Span.Slice(text.Offset, text.Length).SequenceEqual(value)) return found;
            }
        }
    }

    public static void WritePrefix(ByteBuffer to) => to.WriteUInt64(1);

    /// <summary>Writes dictionary and rows; the prefix went before.</summary>
    public void WriteData(ByteBuffer to)
    {
        if (Rows == 0) return;
        int width = Values <= 0x100 ? 0 : Values <= 0x1_0000 ? 1 : 2;
        to.WriteUInt64(HasAdditionalKeys | NeedsUpdate | (uint)width);
        to.WriteUInt64((ulong)Values);
        to.Write(_dictionary.Span);
        to.WriteUInt64((ulong)Rows);
        ReadOnlySpan<int> index = _index.Span;
        Span<byte> room = to.Take(Rows << width);
        if (width == 0)
            for (int i = 0; i < index.Length; i++) room[i] = (byte)index[i];
        else if (width == 1)
        {
            Span<ushort> narrow = MemoryMarshal.Cast<byte, ushort>(room);
            for (int i = 0; i < index.Length; i++) narrow[i] = (ushort)index[i];
        }
        else index.CopyTo(MemoryMarshal.Cast<byte, int>(room));
    }

    private int Append(ReadOnlySpan<byte> value)
    {
        _dictionary.WriteText(value);
        _values.Add(new Text(_dictionary.Length - value.Length, value.Length));
        return _values.Count - 1;
    }

    private void Widen()
    {
        int[] slots = new int[_slots.Length * 2];
        uint[] hashes = new uint[slots.Length];
        int mask = slots.Length - 1;
        for (int old = 0; old < _slots.Length; old++)
        {
            if (_slots[old] == 0) continue;
            int slot = (int)_hashes[old] & mask;
            while (slots[slot] != 0) slot = (slot + 1) & mask;
            slots[slot] = _slots[old];
            hashes[slot] = _hashes[old];
        }
        _slots = slots;
        _hashes = hashes;
    }

    private static uint Hash(ReadOnlySpan<byte> value)
    {
        ulong hash = Seed ^ (uint)value.Length;
        while (value.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(value));
            value = value[8..];
        }
        ulong tail = 0;
        for (int i = 0; i < value.Length; i++) tail = (tail << 8) | value[i];
        return (uint)Mix(hash ^ tail);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E37_79B9_7F4A_7C15, out ulong low);
        return high ^ BitOperations.RotateLeft(low, 29);
    }
}
