using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Waybill.Traces;

namespace Waybill.Metrics;

/// <summary>Metrics that were seen, by name. A name with several kinds or units has a line for each.</summary>
public sealed record MetricListing([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<SeenMetric> Metrics);

/// <param name="Monotonic">Of a sum: it never falls, but for restarts.</param>
/// <param name="Services">Who sends it, at most 100.</param>
/// <param name="Functions">What /api/metrics/range calculates of it, the default first.</param>
/// <param name="LastSeenUnixNano">Coarse: a series is noted about once an hour.</param>
public sealed record SeenMetric(
    string Metric, string Kind, string Unit, string Description, [AllowedValues("unspecified", "delta", "cumulative")] string Temporality, bool Monotonic, long SeriesCount,
    IReadOnlyList<string> Services, IReadOnlyList<string> Functions, string FirstSeenUnixNano, string LastSeenUnixNano);

/// <summary>Series of one metric.</summary>
public sealed record SeriesListing([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<SeenSeries> Series);

/// <param name="Attributes">Of the series.</param>
/// <param name="Resource">Attributes of who sends it.</param>
public sealed record SeenSeries(
    string SeriesId, string Service, string Kind, string Unit, string Temporality, bool Monotonic, IReadOnlyDictionary<string, JsonElement> Attributes, IReadOnlyDictionary<string, JsonElement> Resource,
    string FirstSeenUnixNano, string LastSeenUnixNano);

/// <summary>Single measurements that name the trace they were made in, spread over the range, newest first.</summary>
public sealed record ExemplarListing([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<FoundExemplar> Exemplars);

/// <param name="Labels">Attributes of the series.</param>
/// <param name="Attributes">Of the measurement, beside those of the series.</param>
public sealed record FoundExemplar(
    string TraceId, string SpanId, string TimeUnixNano, double Value, string SeriesId, string Service, IReadOnlyDictionary<string, JsonElement> Labels, IReadOnlyDictionary<string, JsonElement> Attributes);

/// <summary>Series over time, on one grid: the bucket stamped T holds points with a time in (T - step, T].</summary>
/// <param name="Kind">Empty when no series was seen.</param>
/// <param name="Weighted">Metrics are not sampled: they count once.</param>
public sealed record RangeResult(
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, string Metric, string Kind, string Unit, string Fn, string SinceUnixNano, string UntilUnixNano, long StepNano, bool Weighted,
    IReadOnlyList<string> TimestampsUnixNano, IReadOnlyList<RangeSeries> Series);

/// <param name="Labels">Values of the keys in by; empty when the series have none.</param>
/// <param name="Values">One for each timestamp; null where there is no point.</param>
public sealed record RangeSeries(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<double?> Values);

internal static class StoredJson
{
    public static readonly IReadOnlyDictionary<string, JsonElement> Empty = new Dictionary<string, JsonElement>();

    /// <summary>Members of an object as stored; of a name that occurs twice with two types, the last.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Of(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var members = new Dictionary<string, JsonElement>();
        foreach (JsonProperty member in document.RootElement.EnumerateObject()) members[member.Name] = member.Value.Clone();
        return members;
    }
}
