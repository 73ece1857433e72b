using System.ComponentModel.DataAnnotations;

namespace Waybill.Decoding;

/// <summary>
/// Bounds on what one request can make the decoder hold. What passes a bound is cut or counted where it is seen
/// (<see cref="DecodeCounts"/>); nothing disappears in silence. Section <c>Ingest:Decode</c>.
/// </summary>
public sealed record DecodeLimits
{
    public static DecodeLimits Default { get; } = new();

    /// <summary>Arrays and lists inside each other in one value. Default 32: Google's protobuf libraries stop near 47 (100 messages). Deeper parts become a text that says so.</summary>
    [Range(1, 64)] public int NestingMax { get; init; } = 32;

    /// <summary>Bytes of one attribute's value, span name or status message. Default 64 KiB: the house's limit; the OTel SDK has none by default. The cut shows in the text.</summary>
    [Range(256, 16 * 1024 * 1024)] public int ValueBytesMax { get; init; } = 64 * 1024;

    /// <summary>Bytes of a log record's body. Default 256 KiB, as Loki's <c>max_line_size</c>.</summary>
    [Range(256, 16 * 1024 * 1024)] public int BodyBytesMax { get; init; } = 256 * 1024;

    /// <summary>Bytes of an attribute's key. Default 1 KiB: ten times the longest key of the semantic conventions.</summary>
    [Range(64, 64 * 1024)] public int KeyBytesMax { get; init; } = 1024;

    /// <summary>Attributes of one span, event, link, log record, data point or exemplar. Default 128: OTel specification, AttributeCountLimit. The rest count as dropped.</summary>
    [Range(1, 65_536)] public int AttributesMax { get; init; } = 128;

    /// <summary>Attributes of one resource, scope or metric's metadata. Default 1,024: OTel exempts resources from its limit of 128, so the bound only stops abuse.</summary>
    [Range(1, 65_536)] public int OriginAttributesMax { get; init; } = 1024;

    /// <summary>Events of one span. Default 128: OTel specification, EventCountLimit.</summary>
    [Range(1, 65_536)] public int EventsMax { get; init; } = 128;

    /// <summary>Links of one span. Default 128: OTel specification, LinkCountLimit.</summary>
    [Range(1, 65_536)] public int LinksMax { get; init; } = 128;

    /// <summary>Exemplars of one data point. Default 128: far above the SDK's reservoirs (one per bucket, 20 for exponential histograms).</summary>
    [Range(0, 65_536)] public int ExemplarsMax { get; init; } = 128;

    /// <summary>Buckets (or quantiles) of one data point. Default 4,096: the SDK's exponential histogram has at most 160 a side.</summary>
    [Range(2, 65_536)] public int BucketsMax { get; init; } = 4096;

    /// <summary>Spans, log records or data points of one request. Default 1,000,000: 64 bytes each in the largest request. The rest are refused.</summary>
    [Range(1, 16_000_000)] public int ItemsMax { get; init; } = 1_000_000;
}
