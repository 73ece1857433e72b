using System.Diagnostics;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Waybill.Otlp;

namespace Waybill.RoundTrips;

/// <summary>What the .NET SDK's own objects say, as OTLP messages; from their public properties, apart from the exporter.</summary>
internal static class DotnetItems
{
    private const uint HasIsRemote = 0x100, IsRemote = 0x200;

    public static Message Attributes(this Message message, int number, IEnumerable<KeyValuePair<string, object?>> tags, string name = "attributes") =>
        message.AddAll(number, name, tags.Select(tag => new Message().Add(1, "key", Wire.Text, tag.Key).Add(2, "value", Wire.Message, Value(tag.Value))));

    public static Message Value(object? value) => value switch
    {
        null => new Message(),
        string text => new Message().Add(1, "stringValue", Wire.Text, text),
        bool flag => new Message().Add(2, "boolValue", Wire.Bool, flag),
        double or float => new Message().Add(4, "doubleValue", Wire.Double, Convert.ToDouble(value)),
        byte or short or int or long => new Message().Add(3, "intValue", Wire.Int64, Convert.ToInt64(value)),
        System.Collections.IEnumerable list => new Message().Add(5, "arrayValue", Wire.Message, new Message().AddAll(1, "values", list.Cast<object?>().Select(Value))),
        _ => new Message().Add(1, "stringValue", Wire.Text, value.ToString()!),
    };

    public static Message Span(Activity activity) => new Message()
        .Add(1, "traceId", Wire.Id, Convert.FromHexString(activity.TraceId.ToHexString())).Add(2, "spanId", Wire.Id, Convert.FromHexString(activity.SpanId.ToHexString()))
        .Add(3, "traceState", Wire.Text, activity.TraceStateString).Add(4, "parentSpanId", Wire.Id, activity.ParentSpanId == default ? null : Convert.FromHexString(activity.ParentSpanId.ToHexString()))
        .Add(5, "name", Wire.Text, activity.DisplayName).Add(6, "kind", Wire.Varint, (ulong)activity.Kind + 1)
        .Add(7, "startTimeUnixNano", Wire.Fixed64, Nano(activity.StartTimeUtc)).Add(8, "endTimeUnixNano", Wire.Fixed64, Nano(activity.StartTimeUtc + activity.Duration))
        .Attributes(9, activity.TagObjects)
        .AddAll(11, "events", activity.Events.Select(item => new Message().Add(1, "timeUnixNano", Wire.Fixed64, Nano(item.Timestamp.UtcDateTime)).Add(2, "name", Wire.Text, item.Name).Attributes(3, item.Tags)))
        .AddAll(13, "links", activity.Links.Select(link => new Message().Add(1, "traceId", Wire.Id, Convert.FromHexString(link.Context.TraceId.ToHexString()))
            .Add(2, "spanId", Wire.Id, Convert.FromHexString(link.Context.SpanId.ToHexString())).Add(3, "traceState", Wire.Text, link.Context.TraceState)
            .Attributes(4, link.Tags ?? []).Add(6, "flags", Wire.Fixed32, Flags(link.Context.TraceFlags, link.Context.IsRemote))))
        .Add(15, "status", Wire.Message, new Message().Add(2, "message", Wire.Text, activity.StatusDescription).Add(3, "code", Wire.Varint, (ulong)activity.Status))
        .Add(16, "flags", Wire.Fixed32, Flags(activity.ActivityTraceFlags, activity.HasRemoteParent));

    /// <param name="record">Pooled: to be looked at while it is exported.</param>
    public static Message Log(LogRecord record)
    {
        var attributes = new List<KeyValuePair<string, object?>>(record.Attributes ?? []);
        if (record.Exception is { } exception)
            attributes.AddRange([new("exception.type", exception.GetType().Name), new("exception.message", exception.Message), new("exception.stacktrace", exception.ToString())]);
        record.ForEachScope(static (scope, all) =>
        {
            foreach (var pair in scope) all.Add(pair);
        }, attributes);
        return new Message().Add(1, "timeUnixNano", Wire.Fixed64, Nano(record.Timestamp)).Add(11, "observedTimeUnixNano", Wire.Fixed64, Nano(record.Timestamp))
            .Add(2, "severityNumber", Wire.Varint, (ulong)record.LogLevel * 4 + 1).Add(3, "severityText", Wire.Text, record.LogLevel.ToString())
            .Add(5, "body", Wire.Message, Value(record.FormattedMessage ?? record.Body)).Attributes(6, attributes).Add(12, "eventName", Wire.Text, record.EventId.Name)
            .Add(8, "flags", Wire.Fixed32, (uint)record.TraceFlags)
            .Add(9, "traceId", Wire.Id, record.TraceId == default ? null : Convert.FromHexString(record.TraceId.ToHexString()))
            .Add(10, "spanId", Wire.Id, record.SpanId == default ? null : Convert.FromHexString(record.SpanId.ToHexString()));
    }

    public static Message Metric(Metric metric)
    {
        var (number, field) = metric.MetricType switch
        {
            MetricType.LongGauge or MetricType.DoubleGauge => (5, "gauge"),
            MetricType.Histogram => (9, "histogram"),
            MetricType.ExponentialHistogram => (10, "exponentialHistogram"),
            _ => (7, "sum"),
        };
        var points = new List<Message>();
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints()) points.Add(Point(metric.MetricType, point));
        var data = new Message().AddAll(1, "dataPoints", points);
        if (number != 5) data.Add(2, "aggregationTemporality", Wire.Varint, metric.Temporality == AggregationTemporality.Delta ? 1UL : 2UL);
        if (number == 7) data.Add(3, "isMonotonic", Wire.Bool, metric.MetricType is MetricType.LongSum or MetricType.DoubleSum);
        return new Message().Add(1, "name", Wire.Text, metric.Name).Add(2, "description", Wire.Text, metric.Description).Add(3, "unit", Wire.Text, metric.Unit).Add(number, field, Wire.Message, data);
    }

    private static Message Point(MetricType type, in MetricPoint point)
    {
        var tags = new List<KeyValuePair<string, object?>>();
        foreach (var tag in point.Tags) tags.Add(tag);
        var message = new Message().Attributes(9, tags).Add(2, "startTimeUnixNano", Wire.Fixed64, Nano(point.StartTime.UtcDateTime)).Add(3, "timeUnixNano", Wire.Fixed64, Nano(point.EndTime.UtcDateTime));
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic: message.Add(6, "asInt", Wire.SFixed64, point.GetSumLong()); break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic: message.Add(4, "asDouble", Wire.Double, point.GetSumDouble()); break;
            case MetricType.LongGauge: message.Add(6, "asInt", Wire.SFixed64, point.GetGaugeLastValueLong()); break;
            case MetricType.DoubleGauge: message.Add(4, "asDouble", Wire.Double, point.GetGaugeLastValueDouble()); break;
            default:
                message.Add(4, "count", Wire.Fixed64, (ulong)point.GetHistogramCount()).Add(5, "sum", Wire.Double, point.GetHistogramSum());
                if (point.TryGetHistogramMinMaxValues(out double min, out double max)) message.Add(11, "min", Wire.Double, min).Add(12, "max", Wire.Double, max);
                if (type == MetricType.Histogram) AddBuckets(message, point);
                else AddExponential(message, point.GetExponentialHistogramData());
                break;
        }
        if (point.TryGetExemplars(out var exemplars))
            foreach (ref readonly Exemplar exemplar in exemplars) message.AddAll(8, "exemplars", [OfExemplar(exemplar, type)]);
        return message;
    }

    private static Message OfExemplar(in Exemplar exemplar, MetricType type)
    {
        var tags = new List<KeyValuePair<string, object?>>();
        foreach (var tag in exemplar.FilteredTags) tags.Add(tag);
        var message = new Message().Attributes(7, tags, "filteredAttributes").Add(2, "timeUnixNano", Wire.Fixed64, Nano(exemplar.Timestamp.UtcDateTime))
            .Add(4, "spanId", Wire.Id, exemplar.SpanId == default ? null : Convert.FromHexString(exemplar.SpanId.ToHexString()))
            .Add(5, "traceId", Wire.Id, exemplar.TraceId == default ? null : Convert.FromHexString(exemplar.TraceId.ToHexString()));
        return type is MetricType.LongSum or MetricType.LongGauge or MetricType.LongSumNonMonotonic ? message.Add(6, "asInt", Wire.SFixed64, exemplar.LongValue) : message.Add(3, "asDouble", Wire.Double, exemplar.DoubleValue);
    }

    private static void AddBuckets(Message message, in MetricPoint point)
    {
        List<ulong> counts = [];
        List<double> bounds = [];
        foreach (var bucket in point.GetHistogramBuckets())
        {
            counts.Add((ulong)bucket.BucketCount);
            if (!double.IsPositiveInfinity(bucket.ExplicitBound)) bounds.Add(bucket.ExplicitBound);
        }
        message.Add(6, "bucketCounts", Wire.PackedFixed64, counts.ToArray()).Add(7, "explicitBounds", Wire.PackedDouble, bounds.ToArray());
    }

    private static void AddExponential(Message message, ExponentialHistogramData data)
    {
        List<ulong> counts = [];
        foreach (long count in data.PositiveBuckets) counts.Add((ulong)count);
        message.Add(6, "scale", Wire.SInt32, data.Scale).Add(7, "zeroCount", Wire.Fixed64, (ulong)data.ZeroCount)
            .Add(8, "positive", Wire.Message, new Message().Add(1, "offset", Wire.SInt32, data.PositiveBuckets.Offset).Add(2, "bucketCounts", Wire.PackedVarint, counts.ToArray()));
    }

    private static object Flags(ActivityTraceFlags flags, bool isRemote) => (uint)flags | HasIsRemote | (isRemote ? IsRemote : 0);

    private static ulong Nano(DateTime utc) => (ulong)(utc - DateTime.UnixEpoch).Ticks * 100;
}
