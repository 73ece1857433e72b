using System.Text.Json.Serialization;
using Waybill.Traces;

namespace Waybill.Comparisons;

/// <summary>One side of a comparison.</summary>
public sealed record ComparedSide(string Name, long Spans, long SampledSpans, double ErrorRatio, long P50Nano, long P95Nano);

/// <summary>Something in which the sides differ.</summary>
/// <param name="Kind">attribute, service, operation or edge.</param>
/// <param name="Measure">share, duration, errors or calls; of attributes that are numbers, value.</param>
/// <param name="A">The measure on side a: a ratio, nanoseconds (median), calls per parent, or a number (median).</param>
/// <param name="Effect">0 to 1: difference of the ratios, or of durations and calls the size of Cliff's delta.</param>
/// <param name="Confidence">That the difference is no chance.</param>
public sealed record Difference(string Kind, string Measure, double A, double B, double Effect, double Confidence, string Sentence)
{
    /// <summary>The measure by name: of shares and of failures a ratio.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? ARatio => Measure is "share" or "errors" ? A : null;
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? BRatio => Measure is "share" or "errors" ? B : null;

    /// <summary>As TraceQL names it; of spans without the scope.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Key { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Value { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Service { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Operation { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Callee { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? CalleeOperation { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<string>? Traces { get; init; }
}

/// <summary>What differs most between two sets of spans, largest first.</summary>
public sealed record Comparison(ComparedSide A, ComparedSide B, IReadOnlyList<Difference> Differences, string Status, IReadOnlyList<PartialReason> Reasons);
