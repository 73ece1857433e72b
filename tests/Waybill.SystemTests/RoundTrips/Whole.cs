using Waybill.Durability;
using Waybill.Otlp;

namespace Waybill.RoundTrips;

/// <summary>Adds to random requests the fields that the samples leave out, and gives logs and points times that are stored where they belong.</summary>
internal static class Whole
{
    public static Message Traces(Message request)
    {
        foreach (Message scope in Scopes(request, "resourceSpans", "scopeSpans"))
            foreach (Message span in scope.All("spans"))
            {
                span.Add(12, "droppedEventsCount", Wire.Varint, 3UL).Add(14, "droppedLinksCount", Wire.Varint, 4_000_000_000UL);
                foreach (Message item in span.All("events")) item.Add(4, "droppedAttributesCount", Wire.Varint, 5UL);
                foreach (Message link in span.All("links")) link.Add(5, "droppedAttributesCount", Wire.Varint, 6UL);
            }
        return request;
    }

    public static Message Logs(Message request, Random random)
    {
        foreach (Message scope in Scopes(request, "resourceLogs", "scopeLogs"))
            foreach (Message record in scope.All("logRecords"))
            {
                record.Add(7, "droppedAttributesCount", Wire.Varint, 7UL);
                Set(record, "timeUnixNano", Near(random));
            }
        return request;
    }

    /// <param name="number">Makes names unique: one name with two descriptions is one series with one of them.</param>
    public static Message Metrics(Message request, Random random, int number)
    {
        int metricNumber = 0;
        foreach (Message scope in Scopes(request, "resourceMetrics", "scopeMetrics"))
            foreach (Message metric in scope.All("metrics"))
            {
                Set(metric, "name", $"{metric.Get("name", "")} {number} {metricNumber++}");
                foreach (Message data in metric.Fields.Where(field => field.Number is 5 or 7 or 9 or 10 or 11).Select(field => (Message)field.Value))
                    foreach (Message point in data.All("dataPoints")) Set(point, "timeUnixNano", Near(random));
            }
        return request;
    }

    private static IEnumerable<Message> Scopes(Message request, string resources, string scopes)
    {
        // Resources that differ in nothing but their dropped count are one, with the larger count; so are scopes. Here none is like another.
        foreach (Message resource in request.All(resources))
        {
            if (resource.Fields.Exists(field => field.Name == "resource")) Distinguish(resource.Child("resource"), 1);
            foreach (Message scope in resource.All(scopes))
            {
                if (scope.Fields.Exists(field => field.Name == "scope"))
                {
                    Distinguish(scope.Child("scope"), 3);
                    scope.Child("scope").Add(4, "droppedAttributesCount", Wire.Varint, 8UL);
                }
                yield return scope;
            }
        }
    }

    private static void Distinguish(Message origin, int field) =>
        origin.AddAll(field, "attributes", [new Message().Add(1, "key", Wire.Text, "unique").Add(2, "value", Wire.Message, new Message().Add(1, "stringValue", Wire.Text, Guid.NewGuid().ToString()))]);

    private static ulong Near(Random random) => Requests.Now - (ulong)random.NextInt64(10_000_000_000_000);

    private static void Set(Message message, string name, object value)
    {
        int at = message.Fields.FindIndex(field => field.Name == name);
        message.Fields[at] = message.Fields[at] with { Value = value };
    }
}
