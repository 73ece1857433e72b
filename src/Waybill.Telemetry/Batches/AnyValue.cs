using System.Runtime.CompilerServices;

namespace Waybill.Batches;

/// <summary>What an attribute's value or a log's body is. The number is not stored; the engine stores <see cref="AnyValue.TypeCode"/>.</summary>
public enum ValueType : byte
{
    /// <summary>An AnyValue with no field set: valid, and not the same as an empty string.</summary>
    Empty,
    String,
    Bool,
    Int,
    Double,
    /// <summary>Raw bytes, held in the arena as base64 text.</summary>
    Bytes,
    /// <summary>An array or a key-value list, held in the arena as JSON text; see <see cref="AnyValue"/>.</summary>
    Json,
}

/// <summary>A value of an attribute or a log's body, without an object: a type and 64 bits.</summary>
/// <remarks>
/// Arrays and key-value lists are kept as compact JSON from which the original can be rebuilt exactly:
/// strings, <c>true</c>/<c>false</c>, <c>null</c> (empty value), integers without and doubles with a fraction or exponent
/// (<c>1</c> is an int, <c>1.0</c> a double), arrays, objects in the order received. What JSON cannot say is an object with one
/// <c>$</c> key: <c>{"$bytes":"base64"}</c>, <c>{"$double":"NaN"}</c> (also Infinity, -Infinity). A received key that starts
/// with <c>$</c> is written with one more <c>$</c>.
/// </remarks>
public readonly record struct AnyValue(ValueType Type, ulong Bits)
{
    public static AnyValue Empty => default;
    public static AnyValue Of(bool value) => new(ValueType.Bool, value ? 1UL : 0);
    public static AnyValue Of(long value) => new(ValueType.Int, (ulong)value);
    public static AnyValue Of(double value) => new(ValueType.Double, BitConverter.DoubleToUInt64Bits(value));
    public static AnyValue String(Text text) => new(ValueType.String, Pack(text));
    public static AnyValue Bytes(Text base64) => new(ValueType.Bytes, Pack(base64));
    public static AnyValue Json(Text json) => new(ValueType.Json, Pack(json));

    public bool Bool => Bits != 0;
    public long Int => (long)Bits;
    public double Double => BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>The text of a String, Bytes or Json value.</summary>
    public Text Text => new((int)(Bits >> 32), (int)(uint)Bits);

    public bool HasText => Type is ValueType.String or ValueType.Bytes or ValueType.Json;

    /// <summary>The letter that stands before an attribute's key in the store: s, b, i, d, x (bytes), j (array or list), n (empty).</summary>
    public byte TypeCode => TypeCodes[(int)Type];

    private static ReadOnlySpan<byte> TypeCodes => "nsbidxj"u8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pack(Text text) => ((ulong)(uint)text.Offset << 32) | (uint)text.Length;
}
