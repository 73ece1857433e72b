namespace Waybill.Spans;

/// <summary>How many spans a sampled span stands for, by its tracestate.</summary>
/// <remarks>
/// OpenTelemetry consistent probability sampling: member <c>ot=th:T;rv:R</c>, T is 1 to 14 lower-case hexadecimal digits, padded right with
/// zeros to a 56-bit rejection threshold; the adjusted count is 2^56 / (2^56 - T).
/// </remarks>
public static class SamplingWeight
{
    private const int DigitsMax = 14;
    private const double Whole = 1L << 56;

    /// <summary>The adjusted count; 1 when the tracestate does not say or says it wrongly.</summary>
    public static double Of(ReadOnlySpan<byte> traceState)
    {
        while (!traceState.IsEmpty)
        {
            int comma = traceState.IndexOf((byte)',');
            ReadOnlySpan<byte> member = (comma < 0 ? traceState : traceState[..comma]).Trim((byte)' ');
            if (member.StartsWith("ot="u8)) return OfMember(member[3..]);
            traceState = comma < 0 ? default : traceState[(comma + 1)..];
        }
        return 1;
    }

    private static double OfMember(ReadOnlySpan<byte> subKeys)
    {
        while (!subKeys.IsEmpty)
        {
            int semicolon = subKeys.IndexOf((byte)';');
            ReadOnlySpan<byte> pair = semicolon < 0 ? subKeys : subKeys[..semicolon];
            if (pair.StartsWith("th:"u8)) return OfThreshold(pair[3..]);
            subKeys = semicolon < 0 ? default : subKeys[(semicolon + 1)..];
        }
        return 1;
    }

    private static double OfThreshold(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is 0 or > DigitsMax) return 1;
        long threshold = 0;
        foreach (byte digit in digits)
        {
            int value = digit is >= (byte)'0' and <= (byte)'9' ? digit - '0' : digit is >= (byte)'a' and <= (byte)'f' ? digit - 'a' + 10 : -1;
            if (value < 0) return 1;
            threshold = (threshold << 4) | (uint)value;
        }
        threshold <<= 4 * (DigitsMax - digits.Length);
        return Whole / (Whole - threshold);
    }
}
