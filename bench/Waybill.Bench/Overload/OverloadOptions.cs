namespace Waybill.Overload;

/// <param name="Factor">Offered load as a multiple of capacity.</param>
/// <param name="Capacity">Spans a second; 0 measures it first.</param>
/// <param name="SdkProcesses">Of each protocol: as many again with gRPC as with HTTP.</param>
/// <param name="MemoryMax">Bytes of all server processes together (PSS) that still count as bounded.</param>
internal sealed record OverloadOptions(double Seconds, double Factor, double Capacity, int SdkProcesses, double SdkSpansPerSecond, int Posters, int Connections, long MemoryMax, ulong Seed)
{
    public const int SpansPerRequest = 500;

    /// <summary>Issue: ack p50 is back under twice the baseline within 10 s.</summary>
    public const double RecoverWithinSeconds = 10, RecoveredFactor = 2;

    public const double CapacitySeconds = 10, BaselineSeconds = 5, ProbeSeconds = 20;

    /// <summary>Share of capacity offered while measuring the baseline and the recovery.</summary>
    public const double LightShare = 0.1;
}
