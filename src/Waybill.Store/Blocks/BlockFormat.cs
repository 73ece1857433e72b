using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Waybill.Blocks;

/// <summary>
/// Writes the pieces of a ClickHouse Native block (client revision 0, little-endian):
/// <code>
/// block  = VarUInt columns, VarUInt rows, columns x { String name, String type, data of all rows }
/// String = VarUInt length, bytes
/// Array  = rows x u64 end offset, then the elements;  Map = Array(Tuple(K, V)): offsets, all keys, all values
/// </code>
/// </summary>
public static class BlockFormat
{
    public static void WriteBlockHeader(this ByteBuffer to, int columns, int rows)
    {
        to.WriteVarUInt((uint)columns);
        to.WriteVarUInt((uint)rows);
    }

    /// <summary>A column's name and type as they stand before its data; made once and kept by the table's writer.</summary>
    public static byte[] ColumnHeader(string name, string type)
    {
        var header = new ByteBuffer(64);
        header.WriteText(Encoding.UTF8.GetBytes(name));
        header.WriteText(Encoding.UTF8.GetBytes(type));
        return header.Span.ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteVarUInt(this ByteBuffer to, ulong value)
    {
        while (value >= 0x80)
        {
            to.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        to.WriteByte((byte)value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteText(this ByteBuffer to, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < 0x80)
        {
            Span<byte> room = to.Take(utf8.Length + 1);
            room[0] = (byte)utf8.Length;
            utf8.CopyTo(room[1..]);
            return;
        }
        to.WriteVarUInt((uint)utf8.Length);
        to.Write(utf8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteUInt64(this ByteBuffer to, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(to.Take(8), value);

    /// <summary>Values of a fixed-width type, as they lie in memory.</summary>
    public static void WriteValues<T>(this ByteBuffer to, ReadOnlySpan<T> values) where T : unmanaged =>
        to.Write(MemoryMarshal.AsBytes(values));

    /// <summary>The chosen rows of a fixed-width column.</summary>
    public static void WriteRows<T>(this ByteBuffer to, ReadOnlySpan<T> column, ReadOnlySpan<int> rows) where T : unmanaged
    {
        Span<T> room = MemoryMarshal.Cast<byte, T>(to.Take(rows.Length * Unsafe.SizeOf<T>()));
        for (int i = 0; i < rows.Length; i++) room[i] = column[rows[i]];
    }
}
