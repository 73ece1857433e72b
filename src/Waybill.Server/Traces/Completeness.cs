namespace Waybill.Traces;

/// <summary>One reason why an answer may not be the whole truth.</summary>
/// <param name="Reason">still_arriving, spool_behind, parent_not_received, over_limit, quarantined or logs_over_limit.</param>
public sealed record PartialReason(string Reason, string Detail);

/// <summary>Says of a trace whether it is whole, and if not, why not.</summary>
public static class Completeness
{
    /// <summary>Spans of one trace rarely arrive farther apart: SDKs export every 5 s.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<PartialReason> Of(StoredTrace trace, long lastReceivedUnixSeconds, long nowUnixSeconds, double spoolLagSeconds, bool truncated, int limit, bool logsTruncated, int logLimit)
    {
        var reasons = new List<PartialReason>();
        long age = nowUnixSeconds - lastReceivedUnixSeconds;
        if (trace.Nodes.Length > 0 && age < Settling.TotalSeconds)
            reasons.Add(new("still_arriving", $"The newest span arrived {Math.Max(0, age)} s ago; more may follow. Ask again in {Settling.TotalSeconds:0} s."));
        if (spoolLagSeconds > Settling.TotalSeconds)
            reasons.Add(new("spool_behind", $"What arrived in the last {spoolLagSeconds:0} s is durable but not searchable yet."));
        if (trace.Tree.Orphans > 0)
            reasons.Add(new("parent_not_received", $"{trace.Tree.Orphans} {(trace.Tree.Orphans == 1 ? "span names a parent that was" : "spans name parents that were")} not received."));
        if (trace.Nodes.Length > trace.QuarantinedFrom)
            reasons.Add(new("quarantined", $"{trace.Nodes.Length - trace.QuarantinedFrom} spans carry times that cannot be right; they are shown with the times they carry."));
        if (truncated) reasons.Add(new("over_limit", $"The trace has more than {limit} spans; the first {limit} are shown. Ask for more with limit, up to 1000000."));
        if (logsTruncated) reasons.Add(new("logs_over_limit", $"The trace has more than {logLimit} log records; the first {logLimit} are shown."));
        return reasons;
    }
}
