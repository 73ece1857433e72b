using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Points of gauges, sums and summaries, and exemplars, in OTLP/JSON.</summary>
/// <remarks>
/// {"startTimeUnixNano":"1","timeUnixNano":"2","asDouble":1.5 or "asInt":"1","attributes":[...],"flags":0,"exemplars":[
///   {"timeUnixNano":"2","asDouble":1.5 or "asInt":"1","traceId":"","spanId":"","filteredAttributes":[...]}]}
/// {..., "count":"1","sum":2.5,"quantileValues":[{"quantile":0.5,"value":1}]}
/// </remarks>
internal static class JsonPoints
{
    /// <summary>The fields of every kind of point.</summary>
    public static bool TryCommon(ref Utf8JsonReader json, ref DecodeState state, PointColumns points, int attributesFirst, ref PointFields point, out bool known)
    {
        known = true;
        if (JsonReading.Is(ref json, "attributes"u8))
            return JsonAnyValue.TryAttributes(ref json, ref state, points.Attributes, attributesFirst, state.AttributesMax, ref point.DroppedAttributes);
        if (JsonReading.Is(ref json, "startTimeUnixNano"u8)) return JsonReading.TryUInt64(ref json, ref state, out point.Start);
        if (JsonReading.Is(ref json, "timeUnixNano"u8)) return JsonReading.TryUInt64(ref json, ref state, out point.Time);
        if (JsonReading.Is(ref json, "flags"u8)) return JsonReading.TryUInt32(ref json, ref state, out point.Flags);
        if (JsonReading.Is(ref json, "count"u8)) return JsonReading.TryUInt64(ref json, ref state, out point.Count);
        known = false;
        return true;
    }

    public static bool TryNumber(ref Utf8JsonReader json, ref DecodeState state, NumberPointColumns numbers, ref PointFields point)
    {
        int attributesFirst = numbers.Point.Attributes.Count, exemplarsFirst = numbers.Exemplars.Count;
        while (JsonReading.NextProperty(ref json))
        {
            if (!TryCommon(ref json, ref state, numbers.Point, attributesFirst, ref point, out bool known)) return false;
            if (known) continue;
            if (JsonReading.Is(ref json, "exemplars"u8))
            {
                if (!TryExemplars(ref json, ref state, numbers.Exemplars, exemplarsFirst)) return false;
            }
            else if (!TryValue(ref json, ref state, ref point.Value)) return false;
        }
        return true;
    }

    /// <summary>asInt or asDouble; passes over anything else.</summary>
    private static bool TryValue(ref Utf8JsonReader json, ref DecodeState state, ref AnyValue value)
    {
        if (JsonReading.Is(ref json, "asInt"u8))
        {
            if (!JsonReading.TryInt64(ref json, ref state, out long number)) return false;
            if (json.TokenType != JsonTokenType.Null) value = AnyValue.Of(number);
        }
        else if (JsonReading.Is(ref json, "asDouble"u8))
        {
            if (!JsonReading.TryDouble(ref json, ref state, out double real)) return false;
            if (json.TokenType != JsonTokenType.Null) value = AnyValue.Of(real);
        }
        else json.Skip();
        return true;
    }

    public static bool TryExemplars(ref Utf8JsonReader json, ref DecodeState state, ExemplarColumns exemplars, int first)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            ulong time = 0;
            AnyValue value = default;
            TraceId traceId = default;
            SpanId spanId = default;
            uint dropped = 0;
            int attributesFirst = exemplars.Attributes.Count;
            bool full = exemplars.Count - first >= state.Limits.ExemplarsMax;
            if (full) json.Skip();
            while (!full && JsonReading.NextProperty(ref json))
            {
                if (!(JsonReading.Is(ref json, "timeUnixNano"u8) ? JsonReading.TryUInt64(ref json, ref state, out time)
                    : JsonReading.Is(ref json, "traceId"u8) ? OptionalIds.TryTrace(ref json, ref state, out traceId)
                    : JsonReading.Is(ref json, "spanId"u8) ? OptionalIds.TrySpan(ref json, ref state, out spanId)
                    : JsonReading.Is(ref json, "filteredAttributes"u8)
                        ? JsonAnyValue.TryAttributes(ref json, ref state, exemplars.Attributes, attributesFirst, state.AttributesMax, ref dropped)
                    : TryValue(ref json, ref state, ref value))) return false;
            }
            MetricRules.AddExemplar(ref state, exemplars, time, value, traceId, spanId, attributesFirst, full);
        }
        return true;
    }

    public static bool TrySummary(ref Utf8JsonReader json, ref DecodeState state, SummaryPointColumns summaries, ref PointFields point)
    {
        int attributesFirst = summaries.Point.Attributes.Count;
        while (JsonReading.NextProperty(ref json))
        {
            if (!TryCommon(ref json, ref state, summaries.Point, attributesFirst, ref point, out bool known)) return false;
            if (known) continue;
            if (JsonReading.Is(ref json, "sum"u8))
            {
                if (!JsonReading.TryDouble(ref json, ref state, out point.Sum)) return false;
            }
            else if (JsonReading.Is(ref json, "quantileValues"u8))
            {
                if (!TryQuantiles(ref json, ref state, summaries)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    private static bool TryQuantiles(ref Utf8JsonReader json, ref DecodeState state, SummaryPointColumns summaries)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            double quantile = 0, value = 0;
            while (JsonReading.NextProperty(ref json))
            {
                if (JsonReading.Is(ref json, "quantile"u8))
                {
                    if (!JsonReading.TryDouble(ref json, ref state, out quantile)) return false;
                }
                else if (JsonReading.Is(ref json, "value"u8))
                {
                    if (!JsonReading.TryDouble(ref json, ref state, out value)) return false;
                }
                else json.Skip();
            }
            summaries.Quantile.Add(quantile);
            summaries.QuantileValue.Add(value);
        }
        return true;
    }
}
