using System.Text.Json;

namespace Waybill.Read;

/// <summary>What <c>GET /api/traces/{id}</c> answers. The one place that knows its shape.</summary>
internal static class TraceAnswer
{
    /// <summary>Spans in the answer: the elements of every array named "spans" (flat, or OTLP's resourceSpans/scopeSpans/spans), or rows where "spans" is an object of columns.</summary>
    public static int SpanCount(byte[] json)
    {
        using var answer = JsonDocument.Parse(json);
        return Count(answer.RootElement);
    }

    private static int Count(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Sum(property => property.Name == "spans" ? Rows(property.Value) : Count(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().Sum(Count),
        _ => 0,
    };

    private static int Rows(JsonElement spans) => spans.ValueKind switch
    {
        JsonValueKind.Array => spans.GetArrayLength(),
        JsonValueKind.Object => spans.EnumerateObject().Select(column => column.Value).Where(column => column.ValueKind == JsonValueKind.Array).Select(column => column.GetArrayLength()).FirstOrDefault(),
        _ => 0,
    };
}
