namespace Waybill.Changes;

public sealed class ChangeJsonTests
{
    private static IReadOnlyList<ChangeReport> Read(string json, string? key = null) => CloudEvents.Read(Requests.Of(json, headers: key is null ? [] : [("Idempotency-Key", key)]));

    [Fact]
    public void One_several_and_a_list_in_changes_are_all_read()
    {
        const string One = """{"kind":"config","service":"a"}""";
        Assert.Single(Read(One));
        Assert.Equal(2, Read($"[{One},{One}]").Count);
        Assert.Equal(2, Read($$"""{"changes":[{{One}},{{One}}]}""").Count);
    }

    [Fact]
    public void A_name_makes_reports_one_change_and_without_one_each_is_its_own()
    {
        Assert.Equal(Read("""{"id":"x","kind":"config","service":"a"}""")[0].Id, Read("""{"id":"x","kind":"config","service":"a","outcome":"success"}""")[0].Id);
        Assert.Equal(Read("""{"kind":"config","service":"a"}""", "k")[0].Id, Read("""{"kind":"config","service":"a"}""", "k")[0].Id);
        Assert.NotEqual(Read("""{"kind":"config","service":"a"}""")[0].Id, Read("""{"kind":"config","service":"a"}""")[0].Id);
    }

    [Fact]
    public void A_report_of_the_end_does_not_claim_a_begin()
    {
        ChangeReport end = Read("""{"id":"x","kind":"deployment","service":"a","outcome":"failure"}""")[0], begin = Read("""{"id":"x","kind":"deployment","service":"a","outcome":"running"}""")[0];
        Assert.Equal((0, Requests.Received), (end.StartedUnixNano, end.FinishedUnixNano));
        Assert.Equal((Requests.Received, 0), (begin.StartedUnixNano, begin.FinishedUnixNano));
    }

    [Theory]
    [InlineData("body: expected a JSON object.", "7")]
    [InlineData("body: is not JSON (line 1, byte 2).", "{")]
    [InlineData("kind: is missing.", "{}")]
    [InlineData("kind: is not one of deployment, rollback, config, feature_flag, schema_migration, credential_rotation, load_balancer, scheduled_job, failover, infrastructure, custom.", """{"kind":"deploy","service":"a"}""")]
    [InlineData("service: is missing, and so is subject: say what was changed.", """{"kind":"config"}""")]
    [InlineData("changes[1].service: is missing, and so is subject: say what was changed.", """[{"kind":"config","service":"a"},{"kind":"config"}]""")]
    [InlineData("outcome: is not one of running, success, failure, cancelled.", """{"kind":"config","service":"a","outcome":"ok"}""")]
    [InlineData("started: is not a time: send RFC 3339 (2026-11-22T10:00:00Z), or Unix seconds, milliseconds or nanoseconds.", """{"kind":"config","service":"a","started":"5m"}""")]
    [InlineData("finished: lies before started.", """{"kind":"config","service":"a","started":"2026-11-22T10:00:00Z","finished":"2026-11-22T09:00:00Z"}""")]
    [InlineData("version: expected a text.", """{"kind":"config","service":"a","version":{}}""")]
    [InlineData("links[0].url: is not an http or https URL.", """{"kind":"config","service":"a","links":[{"url":"javascript:alert(1)"}]}""")]
    [InlineData("pipeline: expected a JSON object.", """{"kind":"config","service":"a","pipeline":"x"}""")]
    public void What_is_wrong_is_named_with_its_fix(string message, string json) => Assert.Equal(message, Assert.Throws<BadReportException>(() => Read(json)).Message);

    [Fact]
    public void A_field_that_nobody_knows_is_remarked()
    {
        ChangeRequest request = Requests.Of("""{"kind":"config","service":"a","verison":"1"}""");
        CloudEvents.Read(request);
        Assert.StartsWith("verison is not a field of a change", Assert.Single(request.Remarks));
    }

    [Fact]
    public void A_text_beyond_the_bound_is_refused() =>
        Assert.Contains("at most 65536 are kept", Assert.Throws<BadReportException>(() => Read($$"""{"kind":"config","service":"a","after":"{{new string('x', 70_000)}}"}""")).Message);

    [Theory]
    [InlineData("""{"db":{"password":"a"},"max":1}""", """{"db":{"password":"b"},"max":2}""", """{"db":{"password":"***"},"max":1}""", """{"db":{"password":"*** (changed)"},"max":2}""")]
    [InlineData("""[{"apiKey":"a"}]""", """[{"apiKey":"a"}]""", """[{"apiKey":"***"}]""", """[{"apiKey":"***"}]""")]
    [InlineData("DB_PASSWORD=a\nMAX=1", "DB_PASSWORD=b\nMAX=1", "DB_PASSWORD=***\nMAX=1", "DB_PASSWORD=*** (changed)\nMAX=1")]
    [InlineData("  clientSecret: \"a\"", "", "  clientSecret: ***", "")]
    [InlineData("""{"key":"cache","tokens":null}""", "", """{"key":"cache","tokens":null}""", "")]
    [InlineData("""{"a":1,"a":2}""", "", """{"a":1,"a":2}""", "")]
    public void Secrets_are_hidden_but_that_they_changed_is_kept(string before, string after, string shownBefore, string shownAfter) =>
        Assert.Equal((shownBefore, shownAfter), Secrets.Mask(before, after));
}
