using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Waybill.Processes;
using Waybill.Query;

namespace Waybill.Access;

/// <summary>
/// Hostile text in every parameter of every endpoint and in every place of telemetry, against the real engine (reliability.md E3, E4, E11). WAYBILL_HOSTILE=500
/// asks each parameter so many times, WAYBILL_SEED repeats a run.
/// </summary>
public sealed partial class HostileRequestTests(ITestOutputHelper output)
{
    private const string Outfile = "/tmp/waybill-hostile";

    private static readonly string[] Markup =
        ["<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>", "\"><svg/onload=window.hacked=1>", "javascript:window.hacked=1", "</script><script>", "'\"><b>", "=cmd|' /C calc'!A0", "\u202egnp.exe", "a\r\nSet-Cookie: x=1\r\n\r\n<b>", "\u001b[31mred\u001b[0m"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly HashSet<string> _types = new(StringComparer.Ordinal);
    private int _answers, _refusals;

    [Fact]
    public async Task Nothing_gets_out_of_a_text_whatever_parameter_it_is_sent_in()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        File.Delete(Outfile);
        using var listener = new TcpListener(IPAddress.Loopback, 0);   // what url() would reach
        listener.Start();
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            string reader = Telling.Token(server, Grant.Of("admin", "acme")), key = Telling.Token(server, Grant.Of("sender", "acme"), key: true), others = Telling.Token(server, Grant.Of("sender", "umbrella"), key: true);
            server.Launch();
            await server.Ready();
            await Telling.Send(server, others, "secret-of-umbrella", "secret-of-umbrella");
            foreach (string text in Markup) await Telling.Send(server, key, $"service {text}", text, key: text[..Math.Min(text.Length, 60)]);
            await Telling.Stored(server, reader);

            await AskEverything(server, reader);
            await AskWithHostileText(server, reader, ((IPEndPoint)listener.LocalEndpoint).Port);
            await SendHostileBodies(server, reader, key);
            AssertLog(server);
            Assert.False(File.Exists(Outfile), "INTO OUTFILE wrote a file.");
            Assert.False(listener.Pending(), "url() was called.");
            output.WriteLine($"{_answers} answers, {_refusals} of them refusals; types: {string.Join(", ", _types.Order(StringComparer.Ordinal))}");
            Assert.True(_refusals > 100, $"Only {_refusals} refusals: the texts do not reach what checks them.");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task AskEverything(WaybillServer server, string reader)
    {
        var ids = await Telling.Ids(server, reader);
        foreach (string text in Markup[..3])
            foreach (string question in Telling.Questions($"service {text}", ids)) await Ask(server, reader, question);
    }

    private async Task AskWithHostileText(WaybillServer server, string reader, int port)
    {
        int times = Switches.Number("WAYBILL_HOSTILE", 1);
        var random = new Random(Switches.Seed(output));
        var hostile = new HostileQueries(random);
        using var document = JsonDocument.Parse((await Telling.Ask(server, reader, "/api/openapi.json")).Body);
        (string Path, string[] Parameters)[] endpoints =
        [
            .. document.RootElement.GetProperty("paths").EnumerateObject().Where(path => path.Value.TryGetProperty("get", out _) && path.Name != "/api/logs/tail").Select(path => (path.Name,
                path.Value.GetProperty("get").TryGetProperty("parameters", out JsonElement all) ? all.EnumerateArray().Where(one => one.GetProperty("in").GetString() == "query").Select(one => one.GetProperty("name").GetString()!).ToArray() : [])),
            ("/tempo/api/traces/{id}", ["start", "end"]), ("/tempo/api/search", ["q", "tags", "minDuration", "limit", "start", "spss"]), ("/tempo/api/v2/search/tags", ["scope", "q"]), ("/tempo/api/v2/search/tag/{tag}/values", ["q", "start"]),
            ("/tempo/api/metrics/query_range", ["q", "step", "start", "exemplars"]), ("/tempo/api/metrics/query", ["q"]), ("/jaeger/api/traces", ["service", "operation", "tags", "tag", "minDuration", "limit", "lookback", "traceID"]),
            ("/jaeger/api/traces/{id}", []), ("/jaeger/api/services/{service}/operations", []), ("/jaeger/api/operations", ["service", "spanKind"]), ("/jaeger/api/dependencies", ["endTs", "lookback"]),
            ("/jaeger/api/v3/traces", ["query.serviceName", "query.attributes", "query.startTimeMin", "query.durationMin"]), ("/jaeger/api/v3/operations", ["service", "span_kind"]),
        ];
        List<string> questions = [];
        foreach (var (path, parameters) in endpoints)
            for (int i = 0; i < times; i++)
            {
                string Text() => Uri.EscapeDataString(random.Next(4) switch
                {
                    0 => hostile.Text().Replace("127.0.0.1:9", $"127.0.0.1:{port}", StringComparison.Ordinal),
                    1 => hostile.Search(),
                    2 => $"x') UNION ALL SELECT * FROM url('http://127.0.0.1:{port}/', 'LineAsString') --",
                    _ => Markup[random.Next(Markup.Length)],
                });
                string Filled(string telling) => Part().Replace(path, _ => telling);
                foreach (string parameter in parameters) questions.Add($"{Filled(Telling.Trace)}?{parameter}={Text()}");
                if (path.Contains('{')) questions.Add(Filled(Text()));
            }
        await Parallel.ForEachAsync(questions, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (question, _) => await Ask(server, reader, question));
    }

    private async Task Ask(WaybillServer server, string reader, string question)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, question);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", reader);
        request.Headers.TryAddWithoutValidation("User-Agent", "hostile \u001b[31m");
        using HttpResponseMessage answer = await server.At.Api.SendAsync(request, Cancel);
        Check(question, answer, await answer.Content.ReadAsStringAsync(Cancel), console: true);
    }

    /// <summary>Where the data of the tests, the program and whoever runs it are.</summary>
    private static readonly string[] Places =
        [Path.Combine(Path.GetTempPath(), "wb-"), AppContext.BaseDirectory, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 1 } home ? home + "/" : AppContext.BaseDirectory];

    /// <summary>Of every answer: nobody else's data, no page, no type to guess, and of a refusal no innards.</summary>
    private void Check(string question, HttpResponseMessage answer, string body, bool console)
    {
        Interlocked.Increment(ref _answers);
        string type = answer.Content.Headers.ContentType?.MediaType ?? "none";
        lock (_types) _types.Add(type);
        Assert.False(body.Contains("secret-of-umbrella", StringComparison.Ordinal), $"{question} showed another tenant's data: {body}");
        Assert.True(type is "text/plain" or "none" || type.StartsWith("application/", StringComparison.Ordinal), $"{question} was answered as {type}");
        Assert.True(type != "none" || body.Length == 0, $"{question} was answered without a type");
        Assert.True(answer.StatusCode != HttpStatusCode.InternalServerError, $"{question}: {answer.StatusCode} {body}");
        // A NUL in a path is refused by the web server itself, with nothing but the status.
        if (console && !(answer.StatusCode == HttpStatusCode.BadRequest && body.Length == 0)) AssertConsoleHeaders(question, answer);
        if (type == "application/json") JsonDocument.Parse(body).Dispose();
        Assert.False(answer.Headers.Contains("Set-Cookie"), $"{question} set a cookie");
        if ((int)answer.StatusCode < 400) return;
        Interlocked.Increment(ref _refusals);
        Assert.False(Innards().IsMatch(body), $"{question} was refused with innards of the server: {body}");
        Assert.All(Places, place => Assert.False(body.Contains(place, StringComparison.Ordinal), $"{question} was refused with a path of this machine: {body}"));
    }

    private static void AssertConsoleHeaders(string question, HttpResponseMessage answer)
    {
        Assert.True(answer.Headers.TryGetValues("X-Content-Type-Options", out var sniff) && sniff.Single() == "nosniff", question);
        Assert.True(answer.Headers.TryGetValues("Content-Security-Policy", out var policy) && policy.Single().StartsWith("default-src 'none'", StringComparison.Ordinal) && !policy.Single().Contains("unsafe", StringComparison.Ordinal), question);
    }

    /// <summary>Bodies that are no such thing, for every route that takes one, at both doors.</summary>
    private async Task SendHostileBodies(WaybillServer server, string reader, string key)
    {
        string[] bodies =
        [
            "{", "[]", "null", "\"x\"", "{}", "[{}]", "{\"name\":{\"a\":1}}", "{\"name\":\"a\\r\\nb\\u001b[31m\\u202e\",\"password\":\"x\"}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "<script>", "\0\0\0",
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"a\\r\\n\\u001b[31m\",\"name\":5}]}]}]}", "[{\"traceId\":\"'; DROP TABLE spans --\"}]", "{\"key\":\"a\\u0000b\",\"value\":\"c\\nd\"}", "mode: deny\nrules:\n  - name: \"\u202e\"\n    action: x\n",
        ];
        string[] console = ["/api/access/tokens", "/api/access/users", "/api/access/password", "/api/audit", "/api/audit/erasures", "/api/redaction/dry-run", "/api/redaction/erasures", "/api/redaction/score", "/api/redaction/test", "/api/session", "/api/verdict/flagger", "/witness/add-checkpoint"];
        string[] ingest = ["/v1/traces", "/v1/logs", "/v1/metrics", "/api/v2/spans", "/v1/changes", "/v1/audit", "/v1/cdevents", "/v1/hooks/github", "/v1/hooks/gitlab", "/v1/hooks/argocd", "/api/v1/lineage", "/nothing"];
        foreach (string body in bodies)
            foreach (string type in (string[])["application/json", "application/x-protobuf", "text/plain"])
            {
                foreach (string path in console) await Send(server, server.At.Api, path, body, type, reader, path == "/api/access/password" ? HttpMethod.Put : HttpMethod.Post);
                foreach (string path in ingest) await Send(server, server.At.Otlp, path, body, type, key, HttpMethod.Post);
            }
    }

    private async Task Send(WaybillServer server, HttpClient door, string path, string body, string type, string credential, HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        using HttpResponseMessage answer = await door.SendAsync(request, Cancel);
        Check($"{method} {path} with {type} {body}", answer, await answer.Content.ReadAsStringAsync(Cancel), console: door == server.At.Api);
    }

    /// <summary>A line an event, and nothing in it that a terminal obeys.</summary>
    private static void AssertLog(WaybillServer server)
    {
        string[] lines = server.Log.Split('\n');
        Assert.All(lines, line => Assert.DoesNotMatch(Obeyed(), line));
        // Everything after the greeting is an event.
        Assert.All(lines.SkipWhile(line => !Event().IsMatch(line)).Where(line => line.Length > 0), line => Assert.True(Event().IsMatch(line) || Greeting().IsMatch(line), $"No event, but a line of the log: {line}"));
        Assert.Contains(lines, line => line.Contains("Refused", StringComparison.Ordinal) || Event().IsMatch(line));
    }

    // A stack, a type of exception, SQL, the engine's own words.
    [GeneratedRegex(@"\n\s+at |System\.[A-Z]\w+|\w+Exception\b(?!.*exception\.)|\bSELECT\b.*\bFROM\b.*\bWHERE\b|DB::|Code: \d+|\.cs:line|engine\.sock|param_")]
    private static partial Regex Innards();

    [GeneratedRegex(@"\{[^}]*\}")] private static partial Regex Part();

    [GeneratedRegex("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]")] private static partial Regex Obeyed();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (trce|dbug|info|warn|fail|crit): [\w.]+\[\d+\] ")] private static partial Regex Event();

    [GeneratedRegex(@"^(Waybill|Point an OpenTelemetry SDK|  \S|\S+ engine:|$)")] private static partial Regex Greeting();
}
