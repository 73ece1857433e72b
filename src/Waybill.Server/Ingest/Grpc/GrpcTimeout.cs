namespace Waybill.Ingest.Grpc;

/// <summary>The header <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    /// <summary>Longer than this is as good as none: a connection does not live so long.</summary>
    private static readonly TimeSpan Max = TimeSpan.FromDays(1);

    /// <param name="timeout">Null when there is no deadline.</param>
    /// <returns>False when the header is not understood.</returns>
    public static bool TryParse(string? header, out TimeSpan? timeout)
    {
        timeout = null;
        if (header is null) return true;
        if (header.Length is < 2 or > 9 || !uint.TryParse(header.AsSpan(0, header.Length - 1), System.Globalization.NumberStyles.None, null, out uint value)) return false;

        long? ticksPerUnit = header[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 0, // Below a tick: a hundred nanoseconds are one.
            _ => null,
        };
        if (ticksPerUnit is not { } ticks) return false;
        var parsed = TimeSpan.FromTicks(ticks == 0 ? value / 100 : value * ticks);
        if (parsed < Max) timeout = parsed;
        return true;
    }
}
