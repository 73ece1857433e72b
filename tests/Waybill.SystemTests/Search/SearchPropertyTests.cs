using System.Globalization;
using System.Text.Json;
using Waybill.Processes;
using Waybill.Query;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>
/// What the engine answers is what the interpreter says, over generated traces and queries: every query against every trace.
/// WAYBILL_SEARCH_QUERIES and WAYBILL_SEARCH_TRACES make it longer, WAYBILL_SEED repeats a run.
/// </summary>
[Collection(nameof(OneServerAtATime))]
public sealed class SearchPropertyTests(GeneratedTraces generated, ITestOutputHelper output) : IClassFixture<GeneratedTraces>
{
    private const int ExamplesMax = 5;

    [Fact]
    public async Task A_search_finds_the_spansets_that_the_interpreter_finds()
    {
        var queries = new QueryGenerator(new Random(Switches.Seed(output)));
        var failures = new List<string>();
        int asked = Switches.Number("WAYBILL_SEARCH_QUERIES", 100), exact = 0;
        for (int i = 0; i < asked && failures.Count < ExamplesMax; i++)
        {
            SearchQuery query = queries.Search();
            string text = query.ToString();
            Assert.True(TraceQl.Parse(text).IsValid, text);
            var expected = generated.Traces.Select(trace => (trace, sets: new Interpreter(trace).Search(query.Pipeline))).Where(pair => pair.sets.Count > 0).ToDictionary(pair => pair.trace.TraceId, pair => Say(pair.sets));
            JsonElement answer = await Ask("search", text, "&limit=1000&spans=1000");
            if (!answer.TryGetProperty("traces", out JsonElement traces))
            {
                failures.Add($"{text}\n  {answer}");
                continue;
            }
            var actual = traces.EnumerateArray().ToDictionary(trace => trace.GetProperty("traceId").GetString()!, Say);
            if (Difference(expected, actual) is { } difference) failures.Add($"{text}\n  {difference}\n  {answer.GetProperty("reasons")}");
            if (!SearchSql.Of(query.Pipeline, generated.Keys).Selection.IsExact) continue;
            exact++;
            int candidates = answer.GetProperty("scanned").GetProperty("candidates").GetInt32();
            if (candidates > expected.Count) failures.Add($"{text}\n  called exact, and found {candidates} candidates of which {expected.Count} match");
        }
        output.WriteLine($"{asked} queries against {generated.Traces.Count} traces, {exact} of them exact in SQL");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.True(exact > asked / 3, $"SQL says only {exact} of {asked} queries exactly.");
    }

    [Fact]
    public async Task Metrics_are_the_numbers_that_the_interpreter_computes()
    {
        var queries = new QueryGenerator(new Random(Switches.Seed(output)));
        var window = MetricsWindow.Over(generated.SinceUnixNano, generated.UntilUnixNano, 10_000_000_000);
        var failures = new List<string>();
        int asked = Switches.Number("WAYBILL_SEARCH_QUERIES", 100) / 2;
        for (int i = 0; i < asked && failures.Count < ExamplesMax; i++)
        {
            MetricsQuery query = queries.Metrics();
            string text = query.ToString();
            var expected = new MetricsInterpreter(generated.Traces, window).Run(query).ToDictionary(series => Key(series.Labels.Select(label => (label.Name, JsonValue.Of(label.Value)))), series => series.Values);
            JsonElement answer = await Ask("query_range", text, "&step=10s");
            if (!answer.TryGetProperty("series", out JsonElement found))
            {
                failures.Add($"{text}\n  {answer}");
                continue;
            }
            var actual = found.EnumerateArray().ToDictionary(series => Key(series.GetProperty("labels").EnumerateObject().Select(label => (label.Name, (object?)label.Value))), Values);
            string? difference = expected.Keys.Except(actual.Keys).Select(key => $"missing {key}").Concat(actual.Keys.Except(expected.Keys).Select(key => $"too many {key}"))
                .Concat(expected.Keys.Intersect(actual.Keys).Where(key => !Same(expected[key], actual[key])).Select(key => $"{key}: expected {string.Join(' ', expected[key])}, not {string.Join(' ', actual[key])}")).FirstOrDefault();
            if (difference is not null) failures.Add($"{text}\n  {difference}\n  {answer.GetProperty("reasons")}");
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [Fact]
    public async Task Pages_of_every_size_have_every_trace_once_and_in_order()
    {
        JsonElement all = await Ask("search", "{ kind = server } || { status = error }", "&limit=1000");
        string[] whole = [.. Ids(all)];
        foreach (int size in (int[])[1, 7, 50])
        {
            var paged = new List<string>();
            string? cursor = null;
            do
            {
                JsonElement page = await Ask("search", "{ kind = server } || { status = error }", $"&limit={size}{(cursor is null ? "" : "&cursor=" + cursor)}");
                paged.AddRange(Ids(page));
                cursor = page.GetProperty("nextCursor").GetString();
            }
            while (cursor is not null && paged.Count <= whole.Length);
            Assert.Equal(whole, paged);
        }
    }

    private static IEnumerable<string> Ids(JsonElement answer) => answer.GetProperty("traces").EnumerateArray().Select(trace => trace.GetProperty("traceId").GetString()!);

    private async Task<JsonElement> Ask(string path, string query, string more)
    {
        using var answer = await generated.Server.At.Api.GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"/api/{path}?q={Uri.EscapeDataString(query)}&since={generated.SinceUnixNano}&until={generated.UntilUnixNano}{more}"), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }

    // An aggregate that is asked for twice is told once, as it was last.
    private static string Say(IReadOnlyList<Query.Evaluation.Spanset> sets) => Joined(sets.Select(set => (set.Spans.Select(span => span.SpanId), set.Attributes.GroupBy(pair => pair.Name).Select(same => (same.Key, JsonValue.Of(same.Last().Value))))));

    private static string Say(JsonElement trace) => Joined(trace.GetProperty("spanSets").EnumerateArray().Select(set =>
        (set.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("spanId").GetString()!), set.GetProperty("attributes").EnumerateObject().Select(pair => (pair.Name, (object?)pair.Value)))));

    private static string Joined(IEnumerable<(IEnumerable<string> Spans, IEnumerable<(string, object?)> Attributes)> sets) =>
        string.Join(" | ", sets.Select(set => $"[{string.Join(',', set.Spans.Order(StringComparer.Ordinal))}] {Key(set.Attributes)}").Order(StringComparer.Ordinal));

    private static string Key(IEnumerable<(string Name, object? Value)> labels) =>
        string.Join(',', labels.Select(label => $"{label.Name}={JsonSerializer.Serialize(label.Value)}").Order(StringComparer.Ordinal));

    private static string? Difference(Dictionary<string, string> expected, Dictionary<string, string> actual) =>
        expected.Keys.Except(actual.Keys).FirstOrDefault() is { } missing ? $"trace {missing} is missing ({expected.Count} expected, {actual.Count} found): {expected[missing]}"
        : actual.Keys.Except(expected.Keys).FirstOrDefault() is { } extra ? $"trace {extra} does not match: {actual[extra]}"
        : expected.Keys.FirstOrDefault(id => expected[id] != actual[id]) is { } other ? $"trace {other}: expected {expected[other]}, not {actual[other]}" : null;

    private static double[] Values(JsonElement series) => [.. series.GetProperty("values").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())];

    private static bool Same(double[] expected, double[] actual) => expected.Length == actual.Length && expected.Zip(actual).All(pair =>
        (!double.IsFinite(pair.First) && !double.IsFinite(pair.Second)) || Math.Abs(pair.First - pair.Second) <= 1e-9 * Math.Max(1, Math.Abs(pair.First)));
}
