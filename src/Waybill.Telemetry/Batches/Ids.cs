using System.Runtime.InteropServices;

namespace Waybill.Batches;

/// <summary>16 bytes as they stand on the wire; all zero means absent.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TraceId
{
    private readonly ulong _first, _second;   // raw bytes in memory order, never read as numbers

    public const int Size = 16;

    public TraceId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A trace id has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        this = MemoryMarshal.Read<TraceId>(bytes);
    }

    public bool IsZero => (_first | _second) == 0;

    public void CopyTo(Span<byte> bytes) => MemoryMarshal.Write(bytes, in this);

    /// <summary>Reads 32 hexadecimal digits of either case; 16 digits (64-bit ids of Zipkin and Jaeger) are padded with zeros on the left.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out TraceId id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        id = default;
        if (hex.Length is not (32 or 16)) return false;
        if (Convert.FromHexString(hex, bytes[(Size - hex.Length / 2)..], out _, out _) != System.Buffers.OperationStatus.Done) return false;
        id = new TraceId(bytes);
        return true;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}

/// <summary>8 bytes as they stand on the wire; all zero means absent, which for a parent means root.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SpanId
{
    private readonly ulong _raw;

    public const int Size = 8;

    public SpanId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A span id has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        this = MemoryMarshal.Read<SpanId>(bytes);
    }

    public bool IsZero => _raw == 0;

    public void CopyTo(Span<byte> bytes) => MemoryMarshal.Write(bytes, in this);

    /// <summary>Reads 16 hexadecimal digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out SpanId id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        id = default;
        if (hex.Length != 16 || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        id = new SpanId(bytes);
        return true;
    }

    /// <summary>16 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
