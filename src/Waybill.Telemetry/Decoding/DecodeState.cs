using Waybill.Batches;

namespace Waybill.Decoding;

/// <summary>What one decoding carries along: the body, the arena it lies in, the limits, the counts, and the fault that stopped it.</summary>
internal ref struct DecodeState
{
    /// <summary>The request body. It stays readable while the arena grows: growing copies, and the old array is never written again.</summary>
    public readonly ReadOnlySpan<byte> Body;
    public readonly TextArena Arena;
    public readonly DecodeLimits Limits;
    public readonly Rejections Rejected;
    public readonly int KeyBytesMax, ValueBytesMax, AttributesMax;
    public DecodeCounts Counts;
    public DecodeFault Fault;
    public int FaultAt;

    /// <summary>Where JSON begins in the body: 3 behind a byte order mark, else 0.</summary>
    public int JsonStart;

    /// <summary>Rows added: spans, log records or metrics. An origin that none came from is forgotten.</summary>
    public int Rows;

    /// <summary>How far the nested value being written may reach in the arena, and whether it was cut.</summary>
    public int NestedLimit;
    public bool NestedCut;

    public DecodeState(TextArena arena, DecodeLimits limits, Rejections rejected)
    {
        Arena = arena;
        Body = arena.Bytes;
        Limits = limits;
        Rejected = rejected;
        KeyBytesMax = limits.KeyBytesMax;
        ValueBytesMax = limits.ValueBytesMax;
        AttributesMax = limits.AttributesMax;
    }

    /// <summary>Notes the first fault; returns false so that a reader can leave with it.</summary>
    public bool Fail(DecodeFault fault, int offset)
    {
        if (Fault != DecodeFault.None) return false;
        Fault = fault;
        FaultAt = offset;
        return false;
    }

    public byte KnownEnum(ulong value, int max)
    {
        if (value <= (ulong)max) return (byte)value;
        Counts.UnknownEnums++;
        return 0;
    }
}
