using System.ComponentModel.DataAnnotations;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Traces;

namespace Waybill.Search;

/// <summary>A question for series over time.</summary>
/// <param name="Exemplars">Traces named for each bucket and series, at most.</param>
public sealed record MetricRequest(string Tenant, MetricsQuery Query, MetricsWindow Window, int Exemplars, int SeriesMax);

/// <summary>Series on one grid of times; the bucket stamped T holds the spans that started in (T - step, T].</summary>
/// <param name="Weighted">Counts, rates, sums and quantiles count each span as many times as it stands for.</param>
public sealed record MetricResult([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, string SinceUnixNano, string UntilUnixNano, string StepNano, bool Weighted,
    IReadOnlyList<string> TimestampsUnixNano, IReadOnlyList<FoundSeries> Series, Scanned Scanned);

/// <param name="Labels">Values by field, as the query writes it.</param>
/// <param name="Values">One for each timestamp; null where there is none.</param>
public sealed record FoundSeries(IReadOnlyDictionary<string, object?> Labels, IReadOnlyList<double?> Values, IReadOnlyList<Exemplar> Exemplars);

/// <summary>A span that went into a bucket.</summary>
/// <param name="Value">What it contributed: of counts its duration in seconds.</param>
public sealed record Exemplar(string TraceId, string SpanId, string StartUnixNano, string BucketUnixNano, double Value);
