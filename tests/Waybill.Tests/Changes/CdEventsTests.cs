using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waybill.Changes;

/// <summary>Every subject of CDEvents, as 0.5 and as 0.4 write it, in each of CloudEvents' modes.</summary>
public sealed class CdEventsTests
{
    private const string Environment = """ "environment":{"id":"prod","source":"/env"} """, Artifact = """ "artifactId":"pkg:oci/orders@sha256%3Aabc?repository_url=r.example&tag=1.4.1" """;

    // Subject, predicate, content, and what it is here: kind, outcome.
    public static readonly TheoryData<string, string, string, string, string> Subjects = new()
    {
        { "service", "deployed", $"{Environment},{Artifact}", ChangeKind.Deployment, "success" },
        { "service", "upgraded", $"{Environment},{Artifact}", ChangeKind.Deployment, "success" },
        { "service", "rolledback", $"{Environment},{Artifact}", ChangeKind.Rollback, "success" },
        { "service", "published", Environment, ChangeKind.Infrastructure, "success" },
        { "service", "removed", Environment, ChangeKind.Infrastructure, "success" },
        { "environment", "created", """ "name":"prod","uri":"https://e.example" """, ChangeKind.Infrastructure, "success" },
        { "environment", "modified", """ "name":"prod" """, ChangeKind.Infrastructure, "success" },
        { "environment", "deleted", """ "name":"prod" """, ChangeKind.Infrastructure, "success" },
        { "pipelinerun", "queued", """ "pipelineName":"deploy","uri":"https://ci.example/1" """, ChangeKind.Custom, "running" },
        { "pipelinerun", "started", """ "pipelineName":"deploy","uri":"https://ci.example/1" """, ChangeKind.Custom, "running" },
        { "pipelinerun", "finished", """ "pipelineName":"deploy","outcome":"failure","errors":"step 3" """, ChangeKind.Custom, "failure" },
        { "taskrun", "started", """ "taskName":"migrate","pipelineRun":{"id":"1","source":"/ci"} """, ChangeKind.Custom, "running" },
        { "taskrun", "finished", """ "taskName":"migrate","outcome":"cancel" """, ChangeKind.Custom, "cancelled" },
        { "build", "queued", "", ChangeKind.Custom, "running" },
        { "build", "started", "", ChangeKind.Custom, "running" },
        { "build", "finished", Artifact, ChangeKind.Custom, "success" },
        { "testcaserun", "queued", Environment, ChangeKind.Custom, "running" },
        { "testcaserun", "started", Environment, ChangeKind.Custom, "running" },
        { "testcaserun", "finished", $$"""{{Environment}},"outcome":"pass" """, ChangeKind.Custom, "success" },
        { "testcaserun", "skipped", $$"""{{Environment}},"reason":"flaky" """, ChangeKind.Custom, "cancelled" },
        { "testsuiterun", "started", Environment, ChangeKind.Custom, "running" },
        { "testsuiterun", "finished", $$"""{{Environment}},"outcome":"fail" """, ChangeKind.Custom, "failure" },
        { "testoutput", "published", """ "outputType":"report","format":"text/html" """, ChangeKind.Custom, "success" },
        { "change", "created", """ "repository":{"id":"shop","source":"https://git.example/shop"} """, ChangeKind.Custom, "running" },
        { "change", "updated", """ "repository":{"id":"shop"} """, ChangeKind.Custom, "running" },
        { "change", "reviewed", """ "repository":{"id":"shop"} """, ChangeKind.Custom, "running" },
        { "change", "merged", """ "repository":{"id":"shop"} """, ChangeKind.Custom, "success" },
        { "change", "abandoned", """ "repository":{"id":"shop"} """, ChangeKind.Custom, "cancelled" },
        { "branch", "created", """ "repository":{"id":"shop"} """, ChangeKind.Custom, "success" },
        { "branch", "deleted", """ "repository":{"id":"shop"} """, ChangeKind.Custom, "success" },
        { "repository", "created", """ "name":"shop","uri":"https://git.example/shop" """, ChangeKind.Custom, "success" },
        { "repository", "modified", """ "name":"shop" """, ChangeKind.Custom, "success" },
        { "repository", "deleted", """ "name":"shop" """, ChangeKind.Custom, "success" },
        { "artifact", "packaged", """ "change":{"id":"9f2c9f2c9f2c9f2c","source":"https://git.example/shop"} """, ChangeKind.Custom, "success" },
        { "artifact", "signed", """ "signature":"abc" """, ChangeKind.Custom, "success" },
        { "artifact", "published", """ "user":"alice" """, ChangeKind.Custom, "success" },
        { "artifact", "downloaded", """ "user":"alice" """, ChangeKind.Custom, "success" },
        { "artifact", "deleted", """ "user":"alice" """, ChangeKind.Custom, "success" },
        { "incident", "detected", $$""" "description":"slow",{{Environment}},"service":{"id":"orders"},{{Artifact}} """, ChangeKind.Custom, "running" },
        { "incident", "reported", $$""" "description":"slow",{{Environment}},"ticketURI":"https://t.example/1" """, ChangeKind.Custom, "running" },
        { "incident", "resolved", $$""" "description":"slow",{{Environment}} """, ChangeKind.Custom, "success" },
        { "ticket", "created", """ "summary":"x","uri":"https://t.example/1" """, ChangeKind.Custom, "running" },
        { "ticket", "updated", """ "summary":"x" """, ChangeKind.Custom, "running" },
        { "ticket", "closed", """ "resolution":"done" """, ChangeKind.Custom, "success" },
        { "approval", "requested", """ "kind":"manual" """, ChangeKind.Custom, "running" },
        { "approval", "accepted", """ "kind":"manual" """, ChangeKind.Custom, "success" },
        { "approval", "rejected", """ "kind":"manual" """, ChangeKind.Custom, "failure" },
    };

    [Theory, MemberData(nameof(Subjects))]
    public void Every_subject_is_understood_in_both_versions_and_all_modes(string subject, string predicate, string content, string kind, string outcome)
    {
        foreach (bool old in new[] { false, true })
        {
            string type = $"dev.cdevents.{subject}.{predicate}.{(old ? "0.2.0" : "0.3.0")}", data = Event(type, subject, content, old);
            ChangeReport[] read =
            [
                .. CloudEvents.Read(Requests.Of(data, headers: [("ce-specversion", "1.0"), ("ce-id", "e-1"), ("ce-source", "/ci"), ("ce-type", type), ("ce-subject", "orders")])),
                .. CloudEvents.Read(Requests.Of(Structured(type, data), "application/cloudevents+json; charset=utf-8")),
                .. CloudEvents.Read(Requests.Of($"[{Structured(type, data)}]", "application/cloudevents-batch+json")),
                .. CloudEvents.Read(Requests.Of(data)),   // a CDEvent on its own
            ];
            Assert.Equal(4, read.Length);
            Assert.All(read, report =>
            {
                Assert.Equal((kind, outcome, type, "cdevents"), (report.Kind, report.Outcome, report.Type, report.Source));
                Assert.Equal(read[0].Id, report.Id);   // whatever the mode, it is the same change
                Assert.NotEqual("", report.Summary);
            });
            if (content.Contains("environment", StringComparison.Ordinal)) Assert.Equal("prod", read[0].Environment);
            if (content.Contains("artifactId", StringComparison.Ordinal)) Assert.Equal("1.4.1", read[0].Version);
            if (subject == "service") Assert.Equal("orders", read[0].Service);
        }
    }

    [Fact]
    public void A_run_that_finishes_completes_the_one_that_started()
    {
        ChangeReport started = Read("pipelinerun", "started", """ "pipelineName":"deploy" """), finished = Read("pipelinerun", "finished", """ "outcome":"success" """);
        Assert.Equal(started.Id, finished.Id);
        Assert.True(started.StartedUnixNano > 0 && started.FinishedUnixNano == 0 && finished.FinishedUnixNano > 0 && finished.StartedUnixNano == 0);
    }

    [Fact]
    public void Chain_links_and_own_data_are_kept_and_secrets_are_not()
    {
        ChangeReport report = CloudEvents.Read(Requests.Of("""
            {"context":{"specversion":"0.5.0","id":"e","source":"/ci","type":"dev.cdevents.service.deployed.0.3.0","timestamp":"2026-11-24T10:00:00Z","chainId":"c-1","links":[{"linkType":"END"}]},
             "subject":{"id":"a/b/orders","content":{"environment":{"id":"prod"}}},"customData":{"team":"checkout","apiToken":"abc"}}
            """))[0];
        Assert.Equal(("orders", "a/b/orders"), (report.Service, report.Subject));
        Assert.Equal("c-1", report.Attributes["cdevents.chain_id"]);
        Assert.Contains("END", report.Attributes["cdevents.links"]);
        Assert.Equal(("checkout", "***"), (report.Attributes["team"], report.Attributes["apiToken"]));
    }

    [Fact]
    public void A_custom_event_of_a_tool_is_a_change_too()
    {
        ChangeReport report = CloudEvents.Read(Requests.Of(Event("dev.cdeventsx.mytool-canary.promoted.0.1.0", "x", "", old: false)))[0];
        Assert.Equal((ChangeKind.Custom, "mytool-canary orders promoted"), (report.Kind, report.Summary));
    }

    [Theory]
    [InlineData("context.timestamp", """{"context":{"id":"e","source":"/","type":"dev.cdevents.service.deployed.0.3.0"},"subject":{"id":"a"}}""")]
    [InlineData("context.type", """{"context":{"id":"e","source":"/","type":"nonsense","timestamp":"2026-11-24T10:00:00Z"},"subject":{"id":"a"}}""")]
    [InlineData("context.id", """{"context":{"source":"/","type":"dev.cdevents.service.deployed.0.3.0","timestamp":"2026-11-24T10:00:00Z"},"subject":{"id":"a"}}""")]
    [InlineData("subject", """{"context":{"id":"e","source":"/","type":"dev.cdevents.service.deployed.0.3.0","timestamp":"2026-11-24T10:00:00Z"}}""")]
    [InlineData("subject.id", """{"context":{"id":"e","source":"/","type":"dev.cdevents.service.deployed.0.3.0","timestamp":"2026-11-24T10:00:00Z"},"subject":{}}""")]
    public void What_is_missing_is_named(string field, string json) =>
        Assert.Equal(field, Assert.Throws<BadReportException>(() => CloudEvents.Read(Requests.Of(json))).Field);

    [Fact]
    public void Headers_in_binary_mode_are_percent_decoded_and_the_trace_is_kept()
    {
        ChangeReport report = CloudEvents.Read(Requests.Of("{}", headers:
        [
            ("ce-specversion", "1.0"), ("ce-id", "e%201"), ("ce-source", "/caf%C3%A9"), ("ce-type", "com.example.thing"), ("ce-subject", "a%22b"),
            ("ce-traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ]))[0];
        Assert.Equal(("/café/e 1", "a\"b", "0af7651916cd43dd8448eb211c80319c"), (report.Key, report.Subject, report.TraceId));
    }

    [Theory]
    [InlineData("pkg:oci/orders@sha256%3Aabc?tag=1.4.1", "1.4.1")]
    [InlineData("pkg:maven/org.acme/orders@1.4.1#src/main", "1.4.1")]
    [InlineData("pkg:npm/%40acme/orders@2.0.0", "2.0.0")]
    [InlineData("pkg:golang/github.com/acme/orders", "")]
    [InlineData("orders:1.4.1", "")]
    public void The_version_stands_in_the_package_url(string purl, string version) => Assert.Equal(version, PackageUrl.VersionOf(purl));

    private static ChangeReport Read(string subject, string predicate, string content) => CloudEvents.Read(Requests.Of(Event($"dev.cdevents.{subject}.{predicate}.0.3.0", subject, content, old: false)))[0];

    private static string Event(string type, string subject, string content, bool old)
    {
        content = content.Replace("\"uri\"", old ? "\"url\"" : "\"uri\"", StringComparison.Ordinal);
        return $$"""
            {"context":{"{{(old ? "version" : "specversion")}}":"{{(old ? "0.4.1" : "0.5.0")}}","id":"e-1","source":"/ci","type":"{{type}}","timestamp":"2026-11-24T10:00:00Z"},
             "subject":{"id":"orders"{{(old ? $",\"type\":\"{subject}\"" : "")}},"content":{ {{content}} } } }
            """;
    }

    private static string Structured(string type, string data) =>
        new JsonObject { ["specversion"] = "1.0", ["id"] = "e-1", ["source"] = "/ci", ["type"] = type, ["datacontenttype"] = "application/json", ["data"] = JsonNode.Parse(data) }.ToJsonString(JsonSerializerOptions.Default);
}
