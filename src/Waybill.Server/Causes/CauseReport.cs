using System.Text.Json.Serialization;
using Waybill.Batches;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>Why is this window (or this trace) bad?</summary>
/// <param name="Baseline">What it is compared with; null lets the server choose.</param>
/// <param name="Service">Only suspects in this service and in what it calls.</param>
/// <param name="Environment">Without spans that name another one.</param>
public sealed record CauseQuestion(TimeRange Window, TimeRange? Baseline = null, string? Service = null, TraceId? Trace = null, int Limit = 10, string? Environment = null);

/// <param name="Spans">Stored spans in the range.</param>
/// <param name="SampledSpans">Those that were looked at: whole traces.</param>
/// <param name="Chosen">Of a baseline: given, preceding, earlier, following, inside or none.</param>
public sealed record LookedAt(string SinceUnixNano, string UntilUnixNano, long Spans, long SampledSpans)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Chosen { get; init; }
}

/// <summary>An entry operation that got worse.</summary>
public sealed record AffectedEntry(string Service, string Operation, long BaselineP50Nano, long WindowP50Nano, double BaselineMeanNano, double WindowMeanNano,
    double BaselineErrorRatio, double WindowErrorRatio, int BaselineRequests, int WindowRequests);

/// <summary>Suspects, best first, and what they were found from.</summary>
public sealed record CauseReport(IReadOnlyList<Suspect> Suspects, double Threshold, LookedAt Window, LookedAt Baseline, IReadOnlyList<AffectedEntry> Affected, string Status, IReadOnlyList<PartialReason> Reasons);
