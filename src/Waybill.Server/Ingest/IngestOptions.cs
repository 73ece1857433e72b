using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Waybill.Decoding;

namespace Waybill.Ingest;

/// <summary>Bounds on what senders can make the server hold. Section <c>Ingest</c>; read once, checked at start.</summary>
public sealed class IngestOptions : IValidatableObject
{
    /// <summary>Largest request, before and after decompression. Default 64 MiB, as the OTLP specification 1.11 advises.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)] public int RequestBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bytes of all requests being worked on; columns take about as much again. Default 256 MiB: four of the largest, or 1,700 of 500 spans.</summary>
    [Range(64 * 1024, 16L * 1024 * 1024 * 1024)] public long InFlightBytesMax { get; set; } = 256 * 1024 * 1024;

    /// <summary>Requests being worked on at once. Default 2,048: at 10 ms each, 200,000 requests a second.</summary>
    [Range(1, 1_000_000)] public int InFlightRequestsMax { get; set; } = 2_048;

    /// <summary>Emptied batches kept per signal. Default 32: more than cores decode at once, plus those that wait for the disk.</summary>
    [Range(0, 4_096)] public int BatchesKept { get; set; } = 32;

    /// <summary>A batch whose text buffers have grown beyond this is not kept. Default 4 MiB: SDKs send 0.1 to 1 MB.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)] public int BatchBytesKeptMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long a request is remembered, so that its retry is not stored twice. Default 10 min: SDKs and Collectors give up after 1 to 5 min.</summary>
    [Range(1, 86_400)] public int RetryWindowSeconds { get; set; } = 600;

    /// <summary>Requests remembered at most, about 100 bytes each; the oldest are forgotten first. Default 1,000,000: 1,600 a second for 10 min.</summary>
    [Range(1_000, 10_000_000)] public int RecentRequestsMax { get; set; } = 1_000_000;

    /// <summary>Senders listed at most; the one silent for longest is forgotten first. Default 10,000, as the connections a server is tested with.</summary>
    [Range(10, 1_000_000)] public int SendersMax { get; set; } = 10_000;

    /// <summary>Latest refusals kept to look at. Default 1,000: a screen or two of each kind.</summary>
    [Range(10, 100_000)] public int RefusalsKept { get; set; } = 1_000;

    /// <summary>Longest time asked of a sender before it tries again, in seconds. Default 30: SDKs give up after 1 to 5 min.</summary>
    [Range(1, 300)] public int RetryAfterSecondsMax { get; set; } = 30;

    /// <summary>Oldest time accepted, in days before arrival; older goes to quarantine. Default 14: the hot retention, so that at most 337 hours are open.</summary>
    [Range(1, 400)] public int PastDaysMax { get; set; } = 14;

    /// <summary>Farthest time ahead accepted, in minutes after arrival; later goes to quarantine. Default 60: a time zone taken for UTC is off by more.</summary>
    [Range(1, 1_440)] public int FutureMinutesMax { get; set; } = 60;

    /// <summary>Whose telemetry this is when no login says otherwise.</summary>
    [Required, RegularExpression("^[a-z0-9][a-z0-9-]{0,62}$")] public string Tenant { get; set; } = "default";

    /// <summary>
    /// Web origins, besides those on loopback, whose pages may send from a browser (such as <c>https://shop.example</c>), or <c>*</c> for all.
    /// Default none: a page must not write into the telemetry of whoever visits it.
    /// </summary>
    public string[] BrowserOrigins { get; set; } = [];

    /// <summary>Bounds of single values and lists; what passes them is cut and counted.</summary>
    [ValidateObjectMembers] public DecodeLimits Decode { get; set; } = new();

    internal TimeSpan RetryAfterMax => TimeSpan.FromSeconds(RetryAfterSecondsMax);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (InFlightBytesMax < RequestBytesMax)
            yield return new($"Ingest:InFlightBytesMax ({InFlightBytesMax}) must not be below Ingest:RequestBytesMax ({RequestBytesMax}): the largest request could never enter.");
        foreach (string origin in BrowserOrigins)
        {
            if (origin != "*" && (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin))
                yield return new($"Ingest:BrowserOrigins has '{origin}'. Write scheme, host and port only, as https://shop.example, or * for all.");
        }
    }
}

[OptionsValidator]
internal sealed partial class IngestOptionsValidator : IValidateOptions<IngestOptions>;
