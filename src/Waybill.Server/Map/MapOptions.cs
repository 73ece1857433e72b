using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Map;

/// <summary>How the service map is kept up to date. Section <c>Map</c>; read once, checked at start.</summary>
public sealed class MapOptions
{
    /// <summary>Seconds between two looks at the last minutes. Default 5: an SDK exports every 5 s, so the map is at most 10 s behind the spans.</summary>
    [Range(1, 600)] public int PauseSeconds { get; set; } = 5;

    /// <summary>Most of one core that deriving may take. Default 0.2: a minute of 20,000 spans a second costs half a second of it.</summary>
    [Range(0.01, 1)] public double CoreShareMax { get; set; } = 0.2;

    /// <summary>
    /// Spans of a minute that are all added up; of a fuller minute one trace in so many is, and counts so many times. Default 250,000: 360 million spans a day, and
    /// a quarter of a CPU-second a minute.
    /// </summary>
    [Range(1_000, 100_000_000)] public int SpansPerMinuteMax { get; set; } = 250_000;

    /// <summary>One trace in how many is added up of a minute with so many spans.</summary>
    internal long ShareOf(long spans) => Math.Max(1, (spans + SpansPerMinuteMax - 1) / SpansPerMinuteMax);

    /// <summary>How far back late spans still change the map, in hours; looked at every ten minutes. Default 26: a day, and what a nightly job sends after it.</summary>
    [Range(1, 336)] public int LateHoursMax { get; set; } = 26;
}

[OptionsValidator]
internal sealed partial class MapOptionsValidator : IValidateOptions<MapOptions>;
