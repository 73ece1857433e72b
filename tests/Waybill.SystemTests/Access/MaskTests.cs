using System.Net;
using System.Net.Http.Headers;
using Waybill.Processes;

namespace Waybill.Access;

/// <summary>A masked attribute, in every place that attributes have, by every API: who may not see it neither sees it nor finds it by its value.</summary>
public sealed class MaskTests(ITestOutputHelper output)
{
    private const string Service = "cart", Key = "customer.tier", Value = "platinum-7731", Other = "silver-1177";

    private const string Policy =
        """
        roles:
          support: [traces.read, logs.read, metrics.read, changes.read, catalog.read, status.read]
        masked:
          - keys: [customer.tier, "url.path"]
            why: personal data
          - keys: plan
            services: cart
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_masked_field_is_neither_shown_nor_found_by_any_api_without_the_permission()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            Directory.CreateDirectory(server.Data);
            await File.WriteAllTextAsync(Path.Combine(server.Data, "access.yaml"), Policy, Cancel);
            string support = Telling.Token(server, Grant.Of("support", "default")), admin = Telling.Token(server, Grant.Of("admin", "default")), key = Telling.Token(server, Grant.Of("sender", "default"), key: true);
            server.Launch();
            await server.Ready();
            await Telling.Send(server, key, Service, "told", extra: [(Key, Value), ("url.path", $"/customers/{Value}"), ("plan", Other)]);
            await Telling.Send(server, key, "mail", "told", extra: [("plan", Other)]);
            await Telling.Stored(server, admin);
            await NothingIsShown(server, support, admin);
            await NothingIsFound(server, support, admin);
            await TheTailIsMaskedAndEndsWithTheRole(server, support, key);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task NothingIsShown(WaybillServer server, string support, string admin)
    {
        int masked = 0, shown = 0;
        foreach (string question in Telling.Questions(Service, await Telling.Ids(server, admin)))
        {
            var (status, answer) = await Telling.Ask(server, support, question);
            Assert.False(answer.Contains(Value, StringComparison.Ordinal), $"{question} shows the masked value:\n{answer}");
            if (status == HttpStatusCode.OK && answer.Contains("[masked: personal data]", StringComparison.Ordinal)) masked++;
            if ((await Telling.Ask(server, admin, question)).Body.Contains(Value, StringComparison.Ordinal)) shown++;
        }
        output.WriteLine($"{shown} answers show the value to who may see it; {masked} show a mask to who may not, none the value");
        Assert.True(shown >= 15 && masked >= 12, $"{shown} shown, {masked} masked");
        foreach (string path in (string[])[$"/api/traces/{Telling.Trace}", "/api/logs", $"/tempo/api/traces/{Telling.Trace}", $"/tempo/api/v2/traces/{Telling.Trace}", $"/jaeger/api/traces/{Telling.Trace}", $"/jaeger/api/v3/traces/{Telling.Trace}", "/api/metrics/series?metric=told.depth"])
        {
            Assert.True(await Telling.Knows(server, support, path, "[masked: personal data]"), $"{path} shows no mask.");
            Assert.True(await Telling.Knows(server, admin, path, Value), $"{path} does not show the value to who may see it.");
        }
        // Of one service only.
        var (_, trace) = await Telling.Ask(server, support, $"/api/traces/{Telling.Trace}");
        Assert.Contains("\"plan\":\"[masked]\"", trace);
        Assert.Contains($"\"plan\":\"{Other}\"", trace);
    }

    /// <summary>Asking by the value would tell it: right and wrong guesses are answered alike, and by whichever API.</summary>
    private static async Task NothingIsFound(WaybillServer server, string support, string admin)
    {
        string Q(string query) => Uri.EscapeDataString(query);
        string[] Questions(string guess) =>
        [
            $"/api/search?q={Q($"{{ span.{Key} = \"{guess}\" }}")}", $"/api/search?q={Q($"{{ .{Key} =~ \"{guess[..3]}.*\" }}")}", $"/api/search?q={Q($"{{ resource.{Key} != \"{guess}\" }} >> {{ status = error }}")}", $"/api/search?q={Q($"{{ event.{Key} = \"{guess}\" }}")}",
            $"/api/search?q={Q($"{{ link.{Key} = \"{guess}\" }}")}", $"/api/search?q={Q($"{{ span.url.path = \"/customers/{guess}\" }}")}", $"/api/query_range?q={Q($"{{ span.{Key} = \"{guess}\" }} | rate()")}", $"/api/query?q={Q($"{{}} | rate() by (span.{Key})")}",
            $"/api/query_range?q={Q($"{{}} | compare({{ span.{Key} = \"{guess}\" }})")}", $"/api/attributes/span/{Key}/values?prefix={guess[..3]}", $"/api/attributes/resource/{Key}/values", $"/api/attributes/span/note/values?q={Q($"{{ span.{Key} = \"{guess}\" }}")}",
            $"/api/logs?q={Q($"{{ log.{Key} = \"{guess}\" }}")}", $"/api/logs?q={Q($"{{ .{Key} = \"{guess}\" }}")}", $"/api/logs/histogram?q={Q($"{{ resource.{Key} = \"{guess}\" }}")}", $"/api/logs/tail?q={Q($"{{ log.{Key} = \"{guess}\" }}")}",
            $"/api/metrics/series?metric=told.depth&filter={Key}%3D{guess}", $"/api/metrics/range?metric=told.depth&by={Key}", $"/api/metrics/range?metric=told.depth&filter=resource.{Key}%3D{guess}", $"/api/compare?q={Q($"{{ span.{Key} = \"{guess}\" }}")}",
            $"/tempo/api/search?q={Q($"{{ span.{Key} = \"{guess}\" }}")}", $"/tempo/api/search?tags={Q($"{Key}={guess}")}", $"/tempo/api/v2/search/tag/span.{Key}/values", $"/tempo/api/search/tag/{Key}/values", $"/tempo/api/metrics/query_range?q={Q($"{{ .{Key} = \"{guess}\" }} | rate()")}",
            $"/jaeger/api/traces?service={Service}&tags={Q($"{{\"{Key}\":\"{guess}\"}}")}", $"/jaeger/api/traces?service={Service}&tag={Q($"{Key}:{guess}")}",
        ];
        foreach (var (right, wrong) in Questions(Value).Zip(Questions("wrong-guess")))
        {
            var (status, answer) = await Telling.Ask(server, support, right);
            Assert.True(status == HttpStatusCode.Forbidden && (answer.Contains(Key, StringComparison.Ordinal) || answer.Contains("url.path", StringComparison.Ordinal)), $"{right} was answered {status} {answer}");
            Assert.Equal(status, (await Telling.Ask(server, support, wrong)).Status);
            if (right.Contains("/tail", StringComparison.Ordinal)) continue;
            Assert.True((await Telling.Ask(server, admin, right)).Status == HttpStatusCode.OK, $"{right} is not answered to who may see the field.");
        }
    }

    private static async Task TheTailIsMaskedAndEndsWithTheRole(WaybillServer server, string support, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/logs/tail");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", support);
        using HttpResponseMessage answer = await server.At.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        await Telling.Send(server, key, Service, "told", extra: [(Key, Value)]);
        await Line(reader, line =>
        {
            Assert.DoesNotContain(Value, line);
            return line.Contains("[masked: personal data]", StringComparison.Ordinal);
        });
        var accounts = new AccountsFile(server.Data);
        accounts.Change(current => (current.WithoutToken(current.FindToken(TokenText.Hash(support))!.Id), true));
        await Line(reader, line => line == "event: ended").WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        string? said = await reader.ReadLineAsync(Cancel);
        Assert.Contains("not known here", said, StringComparison.Ordinal);
        while (await reader.ReadLineAsync(Cancel) is { } rest) Assert.Equal("", rest);   // and then nothing
    }

    private static async Task Line(StreamReader reader, Func<string, bool> isIt)
    {
        while (await reader.ReadLineAsync(Cancel) is { } line)
            if (isIt(line)) return;
        Assert.Fail("The tail ended.");
    }
}
