using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Points of both kinds of histogram in OTLP/JSON.</summary>
/// <remarks>
/// {..., "count":"3","sum":1.5,"min":0,"max":2,"bucketCounts":["1","2"],"explicitBounds":[1]}
/// {..., "scale":-1,"zeroCount":"0","zeroThreshold":0,"positive":{"offset":-3,"bucketCounts":["1","300"]},"negative":{...}}
/// </remarks>
internal static class JsonHistograms
{
    public static bool TryHistogram(ref Utf8JsonReader json, ref DecodeState state, HistogramPointColumns histograms, ref PointFields point)
    {
        int attributesFirst = histograms.Point.Attributes.Count, exemplarsFirst = histograms.Exemplars.Count;
        while (JsonReading.NextProperty(ref json))
        {
            if (!JsonPoints.TryCommon(ref json, ref state, histograms.Point, attributesFirst, ref point, out bool known)) return false;
            if (!known && !TryPart(ref json, ref state, ref point, out known)) return false;
            if (known) continue;
            if (JsonReading.Is(ref json, "bucketCounts"u8))
            {
                if (!TryCounts(ref json, ref state, histograms.BucketCounts)) return false;
            }
            else if (JsonReading.Is(ref json, "explicitBounds"u8))
            {
                if (!TryBounds(ref json, ref state, histograms.Bounds)) return false;
            }
            else if (JsonReading.Is(ref json, "exemplars"u8))
            {
                if (!JsonPoints.TryExemplars(ref json, ref state, histograms.Exemplars, exemplarsFirst)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    public static bool TryExponential(ref Utf8JsonReader json, ref DecodeState state, ExponentialPointColumns exponentials, ref PointFields point)
    {
        int attributesFirst = exponentials.Point.Attributes.Count, exemplarsFirst = exponentials.Exemplars.Count;
        while (JsonReading.NextProperty(ref json))
        {
            if (!JsonPoints.TryCommon(ref json, ref state, exponentials.Point, attributesFirst, ref point, out bool known)) return false;
            if (!known && !TryPart(ref json, ref state, ref point, out known)) return false;
            if (known) continue;
            if (!(JsonReading.Is(ref json, "scale"u8) ? JsonReading.TryInt32(ref json, ref state, out point.Scale)
                : JsonReading.Is(ref json, "zeroCount"u8) ? JsonReading.TryUInt64(ref json, ref state, out point.ZeroCount)
                : JsonReading.Is(ref json, "zeroThreshold"u8) ? JsonReading.TryDouble(ref json, ref state, out point.ZeroThreshold)
                : JsonReading.Is(ref json, "positive"u8) ? TryBuckets(ref json, ref state, exponentials.PositiveCounts, ref point.PositiveOffset)
                : JsonReading.Is(ref json, "negative"u8) ? TryBuckets(ref json, ref state, exponentials.NegativeCounts, ref point.NegativeOffset)
                : JsonReading.Is(ref json, "exemplars"u8) ? JsonPoints.TryExemplars(ref json, ref state, exponentials.Exemplars, exemplarsFirst)
                : Skip(ref json))) return false;
        }
        return true;
    }

    /// <summary>sum, min and max, which may be absent and then are not zero.</summary>
    private static bool TryPart(ref Utf8JsonReader json, ref DecodeState state, ref PointFields point, out bool known)
    {
        known = true;
        if (JsonReading.Is(ref json, "sum"u8)) return TryPart(ref json, ref state, ref point, HistogramParts.Sum, out point.Sum);
        if (JsonReading.Is(ref json, "min"u8)) return TryPart(ref json, ref state, ref point, HistogramParts.Min, out point.Min);
        if (JsonReading.Is(ref json, "max"u8)) return TryPart(ref json, ref state, ref point, HistogramParts.Max, out point.Max);
        known = false;
        return true;
    }

    private static bool TryPart(ref Utf8JsonReader json, ref DecodeState state, ref PointFields point, HistogramParts part, out double value)
    {
        if (!JsonReading.TryDouble(ref json, ref state, out value)) return false;
        if (json.TokenType != JsonTokenType.Null) point.Parts |= part;
        return true;
    }

    private static bool TryBuckets(ref Utf8JsonReader json, ref DecodeState state, Column<ulong> counts, ref int bucketOffset)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        while (present && JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "offset"u8))
            {
                if (!JsonReading.TryInt32(ref json, ref state, out bucketOffset)) return false;
            }
            else if (JsonReading.Is(ref json, "bucketCounts"u8))
            {
                if (!TryCounts(ref json, ref state, counts)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    private static bool TryCounts(ref Utf8JsonReader json, ref DecodeState state, Column<ulong> counts)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any)
        {
            if (EndsNext(ref json)) break;
            if (!JsonReading.TryUInt64(ref json, ref state, out ulong count)) return false;
            counts.Add(count);
        }
        return true;
    }

    private static bool TryBounds(ref Utf8JsonReader json, ref DecodeState state, Column<double> bounds)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any)
        {
            if (EndsNext(ref json)) break;
            if (!JsonReading.TryDouble(ref json, ref state, out double bound)) return false;
            bounds.Add(bound);
        }
        return true;
    }

    /// <summary>The field readers read their value themselves, so an array's end is looked for one token ahead.</summary>
    private static bool EndsNext(ref Utf8JsonReader json)
    {
        var probe = json;
        probe.Read();
        if (probe.TokenType != JsonTokenType.EndArray) return false;
        json = probe;
        return true;
    }

    private static bool Skip(ref Utf8JsonReader json)
    {
        json.Skip();
        return true;
    }
}
