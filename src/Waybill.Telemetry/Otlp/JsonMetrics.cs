using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Metrics in OTLP/JSON.</summary>
/// <remarks>
/// {"name":"","description":"","unit":"","metadata":[...], one of "gauge","sum","histogram","exponentialHistogram","summary":
///   {"dataPoints":[...],"aggregationTemporality":2,"isMonotonic":true}}
/// </remarks>
internal static class JsonMetrics
{
    public static readonly ReadJsonItem<MetricBatch> Read = ReadMetric;

    private static void ReadMetric(ref Utf8JsonReader json, ref DecodeState state, MetricBatch batch)
    {
        int level = json.CurrentDepth, at = JsonReading.At(ref json, ref state), textLength = state.Arena.Length, points = batch.PointCount;
        int metadataFirst = batch.Metadata.Count;
        uint droppedMetadata = 0;
        var before = state.Counts;
        var metric = new MetricFields();
        bool read = true;
        while (read && JsonReading.NextProperty(ref json)) read = TryField(ref json, ref state, batch, ref metric, metadataFirst, ref droppedMetadata);
        if (read && !metric.Name.IsEmpty && metric.Kind != MetricKind.Unspecified)
        {
            MetricRules.AddMetric(batch, metric);
            state.Rows++;
            return;
        }
        JsonReading.SkipTo(ref json, level);
        int lost = Math.Max(batch.PointCount - points, metric.Refused > 0 && read ? 0 : 1);
        state.Counts = before;
        batch.DropUnfinished(textLength);
        if (lost > 0) state.Rejected.Add(read ? Rejection.Metric : Rejection.Malformed, read ? at : state.FaultAt, lost);
        state.Fault = DecodeFault.None;
    }

    private static bool TryField(
        ref Utf8JsonReader json, ref DecodeState state, MetricBatch batch, ref MetricFields metric, int metadataFirst, ref uint droppedMetadata)
    {
        if (JsonReading.Is(ref json, "name"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out metric.Name);
        if (JsonReading.Is(ref json, "description"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out metric.Description);
        if (JsonReading.Is(ref json, "unit"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out metric.Unit);
        if (JsonReading.Is(ref json, "gauge"u8)) return TryData(ref json, ref state, batch, MetricKind.Gauge, ref metric);
        if (JsonReading.Is(ref json, "sum"u8)) return TryData(ref json, ref state, batch, MetricKind.Sum, ref metric);
        if (JsonReading.Is(ref json, "histogram"u8)) return TryData(ref json, ref state, batch, MetricKind.Histogram, ref metric);
        if (JsonReading.Is(ref json, "exponentialHistogram"u8)) return TryData(ref json, ref state, batch, MetricKind.ExponentialHistogram, ref metric);
        if (JsonReading.Is(ref json, "summary"u8)) return TryData(ref json, ref state, batch, MetricKind.Summary, ref metric);
        if (JsonReading.Is(ref json, "metadata"u8))
            return JsonAnyValue.TryAttributes(ref json, ref state, batch.Metadata, metadataFirst, state.Limits.OriginAttributesMax, ref droppedMetadata);
        json.Skip();
        return true;
    }

    private static bool TryData(ref Utf8JsonReader json, ref DecodeState state, MetricBatch batch, MetricKind kind, ref MetricFields metric)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        if (!present) return true;
        if (metric.Kind != kind && metric.Kind != MetricKind.Unspecified)
        {
            // The last of a oneof counts.
            batch.DropPoints();
            metric.Temporality = Temporality.Unspecified;
            metric.IsMonotonic = false;
        }
        metric.Kind = kind;
        bool hasTemporality = kind is not (MetricKind.Gauge or MetricKind.Summary);
        while (JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "dataPoints"u8))
            {
                if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
                while (any && JsonReading.NextElement(ref json)) ReadPoint(ref json, ref state, batch, kind, ref metric);
            }
            else if (hasTemporality && JsonReading.Is(ref json, "aggregationTemporality"u8))
            {
                if (!JsonReading.TryEnum(ref json, ref state, (int)Temporality.Cumulative, out byte temporality)) return false;
                metric.Temporality = (Temporality)temporality;
            }
            else if (kind == MetricKind.Sum && JsonReading.Is(ref json, "isMonotonic"u8))
            {
                if (!JsonReading.TryBool(ref json, ref state, out metric.IsMonotonic)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    private static void ReadPoint(ref Utf8JsonReader json, ref DecodeState state, MetricBatch batch, MetricKind kind, ref MetricFields metric)
    {
        int level = json.CurrentDepth, at = JsonReading.At(ref json, ref state), textLength = state.Arena.Length;
        var before = state.Counts;
        var point = new PointFields();
        var reason = Rejection.Malformed;
        bool isObject = json.TokenType == JsonTokenType.StartObject;
        bool read = isObject && kind switch
        {
            MetricKind.Histogram => JsonHistograms.TryHistogram(ref json, ref state, batch.Histograms, ref point),
            MetricKind.ExponentialHistogram => JsonHistograms.TryExponential(ref json, ref state, batch.Exponentials, ref point),
            MetricKind.Summary => JsonPoints.TrySummary(ref json, ref state, batch.Summaries, ref point),
            _ => JsonPoints.TryNumber(ref json, ref state, batch.Numbers, ref point),
        };
        if (read && MetricRules.TryAdd(ref state, batch, kind, point, out reason)) return;

        if (isObject) JsonReading.SkipTo(ref json, level);
        else json.Skip();
        state.Counts = before;
        MetricRules.DropUnfinishedPoint(batch, kind);
        state.Arena.Truncate(textLength);
        metric.Refused++;
        state.Rejected.Add(reason, read || !isObject ? at : state.FaultAt, 1);
        state.Fault = DecodeFault.None;
    }
}
