using System.Text;

namespace Waybill.Waterfalls;

public sealed class WaterfallTests
{
    private const long Millisecond = 1_000_000, Begin = 1_795_351_390_000_000_000;   // 2026-11-22 12:43:10 UTC

    private readonly StringBuilder _spans = new();
    private int _count;

    private WaterfallTests Span(int depth, string service, string name, double start, double length, string more = "")
    {
        if (_count++ > 0) _spans.Append(',');
        _spans.Append(System.Globalization.CultureInfo.InvariantCulture,
            $$"""{"spanId":"{{_count:x16}}","depth":{{depth}},"service":{{Quoted(service)}},"name":{{Quoted(name)}},"kind":"internal","startUnixNano":"{{Begin + (long)(start * Millisecond)}}","durationNano":{{(long)(length * Millisecond)}},"resource":"{{service.Length:x16}}"{{more}}}""");
        return this;
    }

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private async Task<string[]> Render(WaterfallOptions options, string logs = "", string reasons = "", string resources = "", long? spanCount = null)
    {
        string json = $$"""
            {"traceId":"0505b7508345d18099a036f9bbade707","status":"{{(reasons.Length == 0 ? "complete" : "partial")}}","reasons":[{{reasons}}],
             "root":{"service":"gateway","name":"POST /checkout","spanId":"0000000000000001"},"startUnixNano":"{{Begin}}","durationNano":400000000,
             "spanCount":{{spanCount ?? _count}},"errorCount":1,"orphanCount":0,"duplicateCount":0,"services":[{"name":"gateway","spanCount":1,"errorCount":0},{"name":"orders","spanCount":3,"errorCount":1}],
             "resources":{ {{resources}} },"scopes":{},"spans":[{{_spans}}],"logs":[{{logs}}]}
            """;
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        ShownTrace trace = await TraceDocument.Read(stream, options.Attributes, int.MaxValue, TestContext.Current.CancellationToken);
        string[] lines = [.. Waterfall.Lines(trace, options).Select(line => line.ToString().TrimEnd())];
        Assert.All(lines, line => Assert.True(Terminal.Visible.Width(line) <= options.Width, $"Wider than {options.Width}: {line}"));
        return lines;
    }

    [Fact]
    public async Task A_trace_with_an_error_an_orphan_logs_and_alike_siblings_is_drawn_as_expected()
    {
        Span(0, "gateway", "POST /checkout", 0, 400);
        Span(1, "orders", "POST /orders", 10, 380);
        for (int i = 0; i < 5; i++) Span(2, "stock", "GET /stock", 20 + i * 20, 10 + i);
        Span(2, "orders", "charge", 200, 100, ""","status":"error","events":[{"timeUnixNano":"1795351390250000000","name":"exception","attributes":{"exception.type":"CardDeclined","exception.message":"no money"}}]""");
        Span(0, "orders", "lost", 300, 20, ""","orphan":true""");
        const string Logs = """
            {"timeUnixNano":"1795351390210000000","service":"orders","severity":13,"body":"second try","spanId":"0000000000000008"},
            {"timeUnixNano":"1795351390011000000","service":"orders","severity":9,"body":"taken","spanId":"0000000000000002"},
            {"timeUnixNano":"1795351390012000000","service":"orders","severity":9,"body":"elsewhere"}
            """;
        string[] lines = await Render(new WaterfallOptions { Width = 100 }, Logs, """{"reason":"parent_not_received","detail":"1 span names a parent that was not received."}""");
        Assert.Equal("""
            POST /checkout  gateway
            trace 0505b7508345d18099a036f9bbade707  2026-11-22 12:43:10.000 UTC
            400 ms  9 spans  ✗ 1 error  2 services  partial
            ! 1 span names a parent that was not received.
            orders 3 ✗1   gateway 1

            SERVICE  SPAN                                             DURATION  0            200 ms       400 ms
            gateway  POST /checkout                                     400 ms  ████████████████████████████████
            orders   └╴POST /orders                                     380 ms  ▐██████████████████████████████▎
            stock      ├╴5 × GET /stock (average; longest 14.0 ms)     12.0 ms   ▐▒▒▒▒▒▒▒▏
            orders     └╴✗ charge                                       100 ms                  ████████
                           ✗ CardDeclined: no money
                           warn +210 ms  second try
            orders   lost [orphan]                                     20.0 ms                          █▋

            1 log record without a span here
              orders  info +12.0 ms  elsewhere
            """, string.Join('\n', lines), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Logs_and_all_siblings_show_when_they_are_asked_for()
    {
        Span(0, "gateway", "POST /checkout", 0, 400);
        for (int i = 0; i < 5; i++) Span(1, "stock", "GET /stock", 20 + i * 20, 10);
        const string Logs = """{"timeUnixNano":"1795351390011000000","service":"orders","severity":9,"body":"taken","spanId":"0000000000000001"}""";
        string[] lines = await Render(new WaterfallOptions { Width = 100, Logs = true, Layout = new LayoutOptions(Fold: false) }, Logs);
        Assert.Contains(lines, line => line.Contains("info +11.0 ms  taken", StringComparison.Ordinal));
        Assert.Equal(5, lines.Count(line => line.Contains("╴GET /stock", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_sibling_with_an_error_below_is_never_folded()
    {
        Span(0, "gateway", "POST /checkout", 0, 400);
        for (int i = 0; i < 9; i++)
        {
            Span(1, "stock", "GET /stock", 20 + i * 20, 10);
            Span(2, "stock", "SELECT", 21 + i * 20, 5, i == 4 ? ""","status":"error" """ : "");
        }
        string[] lines = await Render(new WaterfallOptions { Width = 100 });
        Assert.Equal(2, lines.Count(line => line.Contains("4 × GET /stock", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("✗ SELECT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Depth_and_limit_cut_and_say_so()
    {
        Span(0, "gateway", "POST /checkout", 0, 400);
        Span(1, "orders", "POST /orders", 0, 300);
        Span(2, "orders", "INSERT", 0, 200);
        Span(1, "orders", "GET", 300, 10);
        string[] lines = await Render(new WaterfallOptions { Width = 100, RowsMax = 2, Layout = new LayoutOptions(DepthMax: 2) }, spanCount: 50_000);
        Assert.Contains(lines, line => line.Contains("POST /orders (+1 below)", StringComparison.Ordinal));
        Assert.Equal("… 49,997 more spans. --limit 50000 shows all, --depth N fewer levels, --output json everything.", lines[^1]);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(300)]
    public async Task Hostile_text_reaches_no_line(int width)
    {
        const string Evil = "\u001b[31mred\u001b[0m \u009b2J \u202egpj.exe\u2066 \u200b\r\n\0\u0007 \U000E0041 a\u0300\u0301\u0302\u0303\u0304\u0305";
        string more = $$$""","status":"error","statusMessage":{{{Quoted(Evil)}}},"attributes":{"a{{{Quoted(Evil)[1..^1]}}}":{{{Quoted(Evil)}}} },"events":[{"timeUnixNano":"1","name":{{{Quoted(Evil)}}} }]""";
        Span(0, Evil, Evil + new string('x', 10_000), 0, 400, more);
        Span(200, Evil, "\uff21\uff22\uff23 wide 漢字漢字漢字漢字漢字漢字漢字漢字", -500, 1e6, more);
        Span(1, "", "", 5, -7, more);
        string logs = $$"""{"timeUnixNano":"7","service":{{Quoted(Evil)}},"severity":17,"severityText":{{Quoted(Evil)}},"body":{{Quoted(Evil)}},"spanId":"0000000000000001" },{"timeUnixNano":"7","service":{{Quoted(Evil)}},"severity":99,"severityText":{{Quoted(Evil)}},"body":{{Quoted(Evil)}} }""";
        string[] lines = await Render(new WaterfallOptions { Width = width, Logs = true, Attributes = true }, logs,
            $$"""{"reason":"x","detail":{{Quoted(Evil)}}}""", "\"0000000000000001\":{\"service\":" + Quoted(Evil) + ",\"clockSkew\":{\"offsetNano\":5,\"uncertaintyNano\":1}}");
        Assert.All(string.Concat(lines).EnumerateRunes(), rune => Assert.True(Terminal.Visible.IsHarmless(rune), $"U+{rune.Value:x} reached the terminal"));
    }
}
