namespace Waybill.Spool;

/// <summary>Looks at the free space of a file system at most once a second. Not for two threads at once.</summary>
internal sealed class DiskGauge(string path, double freeRatioMin, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private long? _seen;
    private bool _refused;

    public long FreeBytes { get; private set; }

    public double FreeRatio { get; private set; }

    public bool IsLow()
    {
        if (_seen is null || time.GetElapsedTime(_seen.Value) >= Period)
        {
            (FreeBytes, FreeRatio) = Disk.Free(path);
            (_seen, _refused) = (time.GetTimestamp(), false);
        }
        return _refused || FreeRatio < freeRatioMin;
    }

    /// <summary>A write found no space, whatever the gauge says (a quota, blocks kept for root): low until the next look.</summary>
    public void Refused() => (_seen, _refused) = (time.GetTimestamp(), true);
}
