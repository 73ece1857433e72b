using Waybill.Ingest;
using Waybill.Spool;
using Waybill.Traces;

namespace Waybill.Search;

/// <summary>Tells an answer that reaches to now that the store is behind what was received.</summary>
public sealed class SpoolLag(SpoolLog spool, TimeProvider clock)
{
    public IEnumerable<PartialReason> Reasons(long untilUnixNano)
    {
        long now = clock.UnixNano();
        if (spool.Status.OldestRecordUnixNano is not { } oldest || untilUnixNano < oldest) yield break;
        double behind = (now - oldest) / 1e9;
        if (behind > Completeness.Settling.TotalSeconds) yield return new("spool_behind", $"What arrived in the last {behind:0} s is durable but not searchable yet.");
    }
}
