using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waybill.Processes;
using Waybill.Query;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;

namespace Waybill.Search;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;

/// <summary>A server that holds generated traces, and the same traces in memory.</summary>
public sealed class GeneratedTraces : IAsyncLifetime
{
    private const long Second = 1_000_000_000;
    private const int SpansPerRequest = 500;

    internal WaybillServer Server { get; private set; } = null!;

    public IReadOnlyList<Trace> Traces { get; private set; } = [];

    /// <summary>The keys that the catalog must know of them.</summary>
    internal KnownKeys Keys => new(Typed(spans => spans.Select(span => span.Attributes)), Typed(spans => spans.Select(span => span.Resource)), Typed(spans => spans.SelectMany(span => span.Events.Select(item => item.Attributes))),
        Typed(spans => spans.SelectMany(span => span.Links.Select(link => link.Attributes))), Typed(spans => spans.Select(span => span.Instrumentation)));

    /// <summary>All spans start in it.</summary>
    public long SinceUnixNano { get; private set; }
    public long UntilUnixNano => SinceUnixNano + 120 * Second;

    public async ValueTask InitializeAsync()
    {
        Server = await WaybillServer.Start();
        SinceUnixNano = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 60 - 20) * 60 * Second;
        var generator = new TraceGenerator(new Random(Switches.Number("WAYBILL_SEED", 20261124))) { BaseUnixNano = SinceUnixNano };
        Traces = [.. Enumerable.Range(0, Switches.Number("WAYBILL_SEARCH_TRACES", 120)).Select(_ => generator.Next())];
        foreach (Trace[] some in Traces.Chunk(SpansPerRequest / 10)) await Send(new JsonObject { ["resourceSpans"] = new JsonArray([.. some.SelectMany(ToJson)]) });
        await Server.Stored();
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private HashSet<string> Typed(Func<IEnumerable<TraceSpan>, IEnumerable<AttributeSet>> owners) =>
        [.. owners(Traces.SelectMany(trace => trace.Spans)).SelectMany(owner => owner.Select(pair => $"{Letter(pair.Value)}:{pair.Key}"))];

    private static char Letter(Value value) => value.IsArray ? 'j' : value.First.Type switch { StaticType.String => 's', StaticType.Int => 'i', StaticType.Float => 'd', _ => 'b' };

    private async Task Send(JsonObject request)
    {
        using var body = new StringContent(request.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await Server.At.Otlp.PostAsync("/v1/traces", body, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode && !text.Contains("rejected", StringComparison.Ordinal), text);
    }

    private static IEnumerable<JsonNode> ToJson(Trace trace) => trace.Spans.Select(span => new JsonObject
    {
        ["resource"] = new JsonObject { ["attributes"] = ToJson(span.Resource) },
        ["scopeSpans"] = new JsonArray(new JsonObject
        {
            ["scope"] = new JsonObject { ["name"] = span.InstrumentationName, ["version"] = span.InstrumentationVersion, ["attributes"] = ToJson(span.Instrumentation) },
            ["spans"] = new JsonArray(new JsonObject
            {
                ["traceId"] = trace.TraceId, ["spanId"] = span.SpanId, ["parentSpanId"] = span.ParentId, ["name"] = span.Name, ["kind"] = (int)span.Kind,
                ["startTimeUnixNano"] = Text(span.StartUnixNano), ["endTimeUnixNano"] = Text(span.StartUnixNano + span.DurationNano), ["attributes"] = ToJson(span.Attributes),
                ["status"] = new JsonObject { ["code"] = (int)span.Status, ["message"] = span.StatusMessage },
                ["events"] = new JsonArray([.. span.Events.Select(item => new JsonObject { ["name"] = item.Name, ["timeUnixNano"] = Text(item.UnixNano), ["attributes"] = ToJson(item.Attributes) })]),
                ["links"] = new JsonArray([.. span.Links.Select(link => new JsonObject { ["traceId"] = link.TraceId, ["spanId"] = link.SpanId, ["attributes"] = ToJson(link.Attributes) })]),
            }),
        }),
    });

    private static JsonArray ToJson(AttributeSet attributes) => new([.. attributes.Select(pair => new JsonObject { ["key"] = pair.Key, ["value"] = ToJson(pair.Value) })]);

    private static JsonObject ToJson(Value value) => value.IsArray
        ? new JsonObject { ["arrayValue"] = new JsonObject { ["values"] = new JsonArray([.. value.Items.Select(ToJson)]) } }
        : ToJson(value.First);

    private static JsonObject ToJson(Static value) => value.Type switch
    {
        StaticType.String => new JsonObject { ["stringValue"] = value.Text },
        StaticType.Int => new JsonObject { ["intValue"] = Text(value.Integer) },
        StaticType.Float => new JsonObject { ["doubleValue"] = value.Float },
        StaticType.Bool => new JsonObject { ["boolValue"] = value.Integer != 0 },
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Type, "No attribute has this type."),
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
