using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Waybill.Batches;

/// <summary>One growing column of a batch. Cleared and reused, so that a busy server stops allocating.</summary>
[DebuggerDisplay("{Count}")]
public sealed class Column<T>(int capacity = 64) where T : unmanaged
{
    private T[] _items = new T[capacity];

    /// <summary>Rows held.</summary>
    public int Count { get; private set; }

    /// <summary>The rows; valid until the next <see cref="Add"/> or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<T> Span => _items.AsSpan(0, Count);

    /// <summary>A row, to read or to change in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below <see cref="Count"/>.</exception>
    public ref T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected 0 <= index < {Count}.");
            return ref _items[index];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T value)
    {
        T[] items = _items;
        int count = Count;
        if ((uint)count < (uint)items.Length)
        {
            items[count] = value;
            Count = count + 1;
        }
        else AddSlowly(value);
    }

    private void AddSlowly(T value)
    {
        Array.Resize(ref _items, Math.Max(64, _items.Length * 2));
        _items[Count++] = value;
    }

    /// <summary>Forgets the rows from <paramref name="count"/> on: a refused item leaves nothing behind.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Count);
        Count = count;
    }

    public void Clear() => Count = 0;

    /// <summary>Bytes kept for reuse.</summary>
    public long BytesHeld => (long)_items.Length * Unsafe.SizeOf<T>();
}
