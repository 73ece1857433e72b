using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Metrics;

/// <summary>Bounds of reading metrics. Section <c>Metrics</c>; read once, checked at start. Time, memory and how many run at once are those of <c>Search</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>Series that one question reads. Default 20,000: an hour of them, a point each 15 s, is 5 million points, about what ten seconds are enough for.</summary>
    [Range(1, 10_000_000)] public int SeriesReadMax { get; set; } = 20_000;

    /// <summary>Bytes of one answer of the engine. Default 64 MB: 1,000 series of 4,000 buckets.</summary>
    [Range(1_000_000, 10_000_000_000)] public long AnswerBytesMax { get; set; } = 64_000_000;
}

[OptionsValidator]
internal sealed partial class MetricsOptionsValidator : IValidateOptions<MetricsOptions>;
