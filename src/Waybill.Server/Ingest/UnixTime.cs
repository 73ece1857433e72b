namespace Waybill.Ingest;

internal static class UnixTime
{
    /// <summary>Nanoseconds since 1970, in steps of 100.</summary>
    public static long UnixNano(this TimeProvider clock) => (clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
}
