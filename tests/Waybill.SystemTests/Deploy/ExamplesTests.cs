using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waybill.Commands;
using Waybill.Graph;
using Waybill.Processes;
using YamlDotNet.RepresentationModel;

namespace Waybill.Deploy;

/// <summary>What lies in <c>deploy/</c> for pipelines and controllers is run as they run it, against a server with tokens.</summary>
public sealed class ExamplesTests(ExamplesTests.Server shared) : IClassFixture<ExamplesTests.Server>
{
    private const string ArgoCdToken = "argocd-token", Commit = "9f2c4d1e9f2c4d1e9f2c4d1e9f2c4d1e9f2c4d1e";

    public sealed class Server : IAsyncLifetime
    {
        internal WaybillServer Waybill { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Waybill = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_CHANGES__ARGOCDTOKENS__0"] = ArgoCdToken, ["WAYBILL_CHANGES__INFER"] = "false" });
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            await SentTrace.Send(Waybill, from version in (string[])["1.4.0", "1.4.1"] from i in Enumerable.Range(0, 100)
                select new SentTrace().Span("orders", "POST /orders", 2, "00000000000000a1", "", now.AddSeconds(-i), TimeSpan.FromMilliseconds(20), failed: version == "1.4.1" && i % 2 == 0, version: version));
            await Waybill.Stored();
        }

        public ValueTask DisposeAsync() => Waybill.DisposeAsync();
    }

    [Fact]
    public async Task The_workflow_of_GitHub_Actions_reports_one_deployment_from_its_begin_to_its_end()
    {
        using var checkout = new Checkout();
        string[] scripts = [.. Scripts(Yaml("github-actions/deploy.yml")["jobs"]["deploy"]["steps"]).Where(script => script.Contains("waybill", StringComparison.Ordinal))];
        Assert.Equal(2, scripts.Length);
        foreach (string script in scripts) await Bash(script.Replace("${{ job.status }}", "success", StringComparison.Ordinal), checkout.Path, GitHub("1001"));

        JsonElement change = await Reported("orders", "1001");
        Assert.Equal(("deployment", "success", "1.4.1", "1.4.0"), (Text(change, "kind"), Text(change, "outcome"), Text(change, "version"), Text(change, "previousVersion")));
        Assert.Equal(("alice", "production", Commit), (Text(change, "author"), Text(change, "environment"), Text(change, "commit")));
        Assert.Equal(checkout.FirstCommit, Text(change, "previousCommit"));
        Assert.StartsWith("https://github.com/acme/shop/compare/", Text(change, "compareUrl"), StringComparison.Ordinal);
        Assert.Equal(2, change.GetProperty("reportCount").GetInt32());
    }

    [Fact]
    public async Task The_call_without_the_program_that_the_workflow_shows_does_as_well()
    {
        using var checkout = new Checkout();
        string[] lines = [.. File.ReadLines(Path.Combine(Folder(), "github-actions/deploy.yml")).SkipWhile(line => !line.Contains("# curl", StringComparison.Ordinal)).Select(line => line.Trim()[2..])];
        await Bash(string.Join(' ', lines), checkout.Path, GitHub("1002"));
        Assert.Equal("success", Text(await Reported("orders", "1002-1-orders"), "outcome"));
    }

    [Fact]
    public async Task The_workflow_of_a_migration_reports_it_with_what_it_does()
    {
        using var checkout = new Checkout();
        foreach (string script in Scripts(Yaml("github-actions/migration.yml")["jobs"]["migrate"]["steps"]).Where(script => script.Contains("waybill", StringComparison.Ordinal)))
            await Bash(script.Replace("${{ job.status == 'success' && 'succeeded' || 'failed' }}", "succeeded", StringComparison.Ordinal), checkout.Path, GitHub("1003"));
        JsonElement change = await Reported("orders", "1003");
        Assert.Equal(("schema_migration", "success", "Migration 8"), (Text(change, "kind"), Text(change, "outcome"), Text(change, "summary")));
        Assert.Contains("DROP INDEX", change.GetProperty("after").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.4.1", 1, "rollback: orders 1.4.1 (100 requests) against 1.4.0 (100 requests)")]
    [InlineData("1.4.0", 0, "promote: orders 1.4.0 (100 requests) against 1.4.1 (100 requests)")]
    public async Task The_workflow_of_a_canary_ends_with_the_verdict(string version, int code, string says)
    {
        using var checkout = new Checkout();
        string judge = Assert.Single(Scripts(Yaml("github-actions/canary.yml")["jobs"]["canary"]["steps"]), script => script.StartsWith("waybill verdict", StringComparison.Ordinal));
        Assert.StartsWith(says, await Bash(judge, checkout.Path, new Dictionary<string, string> { ["VERSION"] = version }, code), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canary_that_is_taken_back_is_reported()
    {
        using var checkout = new Checkout();
        string undo = Scripts(Yaml("github-actions/canary.yml")["jobs"]["canary"]["steps"]).Last().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        await Bash(undo, checkout.Path, GitHub("1004").Append(new("VERSION", "1.4.1")).ToDictionary());
        JsonElement change = await Reported("orders", "1004");
        Assert.Equal(("rollback", "Canary 1.4.1 taken back"), (Text(change, "kind"), Text(change, "summary")));
    }

    [Theory]
    [InlineData("success", "success")]
    [InlineData("failed", "failure")]
    [InlineData("canceled", "cancelled")]
    public async Task The_job_of_GitLab_reports_how_it_ended(string status, string outcome)
    {
        using var checkout = new Checkout();
        YamlNode job = Yaml("gitlab-ci/waybill.gitlab-ci.yml")[".waybill-deploy"];
        var environment = new Dictionary<string, string>
        {
            ["GITLAB_CI"] = "true", ["SERVICE"] = "cart", ["VERSION"] = "2.0.0", ["CI_ENVIRONMENT_NAME"] = "production", ["CI_JOB_STATUS"] = status, ["CI_PIPELINE_ID"] = $"77-{status}", ["CI_COMMIT_SHA"] = Commit,
            ["CI_PROJECT_URL"] = "https://gitlab.example/acme/shop", ["GITLAB_USER_LOGIN"] = "bob", ["CI_JOB_NAME"] = "deploy-cart",
        };
        foreach (string part in (string[])["before_script", "after_script"]) await Bash(string.Join('\n', ((YamlSequenceNode)job[part]).Select(Text)), checkout.Path, environment);
        JsonElement change = await Reported("cart", $"77-{status}");
        Assert.Equal((outcome, "2.0.0", "bob", "production", 2), (Text(change, "outcome"), Text(change, "version"), Text(change, "author"), Text(change, "environment"), change.GetProperty("reportCount").GetInt32()));
    }

    [Fact]
    public async Task The_notifications_of_Argo_CD_are_one_change_and_need_their_token()
    {
        YamlNode data = Yaml("argocd/notifications.yaml")["data"];
        YamlNode service = Parse(Text(data["service.webhook.waybill"]));
        Assert.Equal("Bearer $waybill-token", Text(((YamlSequenceNode)service["headers"]).Single(header => Text(header["name"]) == "Authorization")["value"]));
        var templates = ((YamlMappingNode)data).Children.Where(pair => Text(pair.Key).StartsWith("trigger.", StringComparison.Ordinal)).Select(pair => Text(((YamlSequenceNode)Parse(Text(pair.Value)))[0]["send"][0]));
        Assert.All(templates, template => Assert.Contains(((YamlMappingNode)data).Children, pair => Text(pair.Key) == $"template.{template}"));

        JsonNode application = JsonNode.Parse($$$"""
            {"app":{"metadata":{"name":"basket","namespace":"argocd","labels":{"waybill.dev/service":"cart-of-argo"}},"spec":{"source":{"repoURL":"https://git.example/acme/shop"},"destination":{"namespace":"production"} },
              "status":{"sync":{"revision":"{{{Commit}}}"},"operationState":{"phase":"Running","startedAt":"2026-11-24T10:00:00Z","operation":{"sync":{"revision":"{{{Commit}}}"} } },"summary":{"images":["registry.example/cart:2.1.0"]} } },
             "context":{"argocdUrl":"https://argocd.example"} }
            """)!;
        YamlNode sync = Parse(Text(data["template.waybill-sync"]))["webhook"]["waybill"], degraded = Parse(Text(data["template.waybill-degraded"]))["webhook"]["waybill"];
        Assert.Equal(HttpStatusCode.Unauthorized, await Notify(sync, application, "wrong"));
        Assert.Equal(HttpStatusCode.OK, await Notify(sync, application, ArgoCdToken));
        JsonNode state = application["app"]!["status"]!["operationState"]!;
        (state["phase"], state["finishedAt"]) = ("Succeeded", "2026-11-24T10:01:00Z");
        for (int i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.OK, await Notify(sync, application, ArgoCdToken));
        Assert.Equal(HttpStatusCode.OK, await Notify(degraded, application, ArgoCdToken));
        await shared.Waybill.Stored();

        JsonElement[] changes = [.. (await Get("/api/changes?service=cart-of-argo&since=2026-11-24T00:00:00Z")).GetProperty("changes").EnumerateArray()];
        Assert.Equal(["deployment", "infrastructure"], changes.Select(change => Text(change, "kind")).Order());
        JsonElement deployed = changes.Single(change => Text(change, "kind") == "deployment");
        Assert.Equal(("success", "2.1.0", Commit, "production"), (Text(deployed, "outcome"), Text(deployed, "version"), Text(deployed, "commit"), Text(deployed, "environment")));
    }

    [Fact]
    public async Task The_template_of_Argo_Rollouts_reads_the_verdict_and_its_rollout_gives_it_all_it_needs()
    {
        YamlNode spec = Yaml("argo-rollouts/analysis-template.yaml")["spec"], metric = spec["metrics"][0], web = metric["provider"]["web"];
        var arguments = ((YamlSequenceNode)spec["args"]).ToDictionary(argument => Text(argument["name"]));
        var steps = (YamlSequenceNode)Yaml("argo-rollouts/rollout.yaml")["spec"]["strategy"]["canary"]["steps"];
        YamlNode analysis = steps.OfType<YamlMappingNode>().Single(step => step.Children.ContainsKey("analysis"))["analysis"];
        Assert.Equal(Text(Yaml("argo-rollouts/analysis-template.yaml")["metadata"]["name"]), Text(analysis["templates"][0]["templateName"]));
        var given = ((YamlSequenceNode)analysis["args"]).Select(argument => Text(argument["name"])).ToHashSet();
        Assert.All(arguments, argument => Assert.True(given.Contains(argument.Key) || ((YamlMappingNode)argument.Value).Children.Count > 1, $"{argument.Key} is neither given nor has a value of its own"));

        Assert.Equal("Bearer {{args.token}}", Text(web["headers"][0]["value"]));
        string path = Text(web["url"]).Replace("{{args.waybill}}", "", StringComparison.Ordinal).Replace("{{args.service}}", "orders", StringComparison.Ordinal);
        Assert.Equal("{$.score}", Text(web["jsonPath"]));
        foreach (var (version, holds) in new[] { ("1.4.1", false), ("1.4.0", true) })
        {
            double result = (await Get(path.Replace("{{args.version}}", version, StringComparison.Ordinal))).GetProperty("score").GetDouble();
            Assert.Equal((holds, !holds), (Holds(Text(metric["successCondition"]), result), Holds(Text(metric["failureCondition"]), result)));
        }
    }

    [Theory]
    [InlineData("1.4.1", HttpStatusCode.PreconditionFailed)]
    [InlineData("1.4.0", HttpStatusCode.OK)]
    [InlineData("9.9.9", HttpStatusCode.OK)]
    public async Task The_webhook_of_Flagger_stops_a_canary_that_fails_and_no_other(string version, HttpStatusCode expected)
    {
        YamlNode canary = Yaml("flagger/canary.yaml"), hook = canary["spec"]["analysis"]["webhooks"][0];
        var metadata = ((YamlMappingNode)hook["metadata"]).Children.ToDictionary(pair => Text(pair.Key), pair => pair.Key.ToString() == "version" ? version : Text(pair.Value));
        // Flagger's call: pkg/controller/webhook.go
        using var content = new StringContent(JsonSerializer.Serialize(new { name = Text(canary["metadata"]["name"]), @namespace = "shop", phase = "Progressing", metadata }), Encoding.UTF8, "application/json");
        using var answer = await shared.Waybill.At.Api.PostAsync(new Uri(Text(hook["url"]).Replace("${WAYBILL_TOKEN}", "wbt_x", StringComparison.Ordinal)).AbsolutePath, content, Cancel);
        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task<HttpStatusCode> Notify(YamlNode webhook, JsonNode application, string token)
    {
        string body = GoTemplate.Render(Text(webhook["body"]), application);
        using var request = new HttpRequestMessage(new HttpMethod(Text(webhook["method"])), Text(webhook["path"])) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await shared.Waybill.At.Otlp.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    private static bool Holds(string condition, double result) => condition.Split(' ') switch
    {
        ["result", ">=", var least] => result >= double.Parse(least),
        ["result", "<", var most] => result < double.Parse(most),
        _ => throw new InvalidOperationException(condition),
    };

    /// <summary>As the runners do: one script in one bash, ended by its first failure.</summary>
    private async Task<string> Bash(string script, string directory, Dictionary<string, string> environment, int code = 0)
    {
        var start = new ProcessStartInfo("bash", ["-e", "-c", script]) { WorkingDirectory = directory, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(WaybillProgram.Path)}:{start.Environment["PATH"]}";
        start.Environment["WAYBILL_SERVER"] = shared.Waybill.At.Api.BaseAddress!.ToString().TrimEnd('/');
        start.Environment["WAYBILL_ENDPOINT"] = shared.Waybill.At.Otlp.BaseAddress!.ToString().TrimEnd('/');
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("GITHUB_", StringComparison.Ordinal) || name.StartsWith("CI_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var bash = Process.Start(start)!;
        Task<string> output = bash.StandardOutput.ReadToEndAsync(Cancel), error = bash.StandardError.ReadToEndAsync(Cancel);
        await bash.WaitForExitAsync(Cancel);
        Assert.True(bash.ExitCode == code, $"{script}\n{await output}{await error}");
        return await output;
    }

    private static Dictionary<string, string> GitHub(string run) => new()
    {
        ["GITHUB_ACTIONS"] = "true", ["GITHUB_SERVER_URL"] = "https://github.com", ["GITHUB_REPOSITORY"] = "acme/shop", ["GITHUB_WORKFLOW"] = "deploy", ["GITHUB_RUN_ID"] = run, ["GITHUB_RUN_ATTEMPT"] = "1",
        ["GITHUB_SHA"] = Commit, ["GITHUB_REF_NAME"] = "v1.4.1", ["GITHUB_ACTOR"] = "alice", ["GITHUB_TRIGGERING_ACTOR"] = "alice",
    };

    private async Task<JsonElement> Reported(string service, string run)
    {
        await shared.Waybill.Stored();
        return Assert.Single((await Get($"/api/changes?service={service}&since=1h")).GetProperty("changes").EnumerateArray(), change => change.ToString().Contains(run, StringComparison.Ordinal));
    }

    private async Task<JsonElement> Get(string path)
    {
        using var document = JsonDocument.Parse(await shared.Waybill.At.Api.GetByteArrayAsync(path, Cancel));
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> Scripts(YamlNode steps) => ((YamlSequenceNode)steps).OfType<YamlMappingNode>().Where(step => step.Children.ContainsKey("run")).Select(step => Text(step["run"]));

    private static YamlNode Yaml(string file) => Parse(File.ReadAllText(Path.Combine(Folder(), file)));

    private static YamlNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0].RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
    private static string Folder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../deploy"));
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A repository with two tags and a migration, as a runner checks it out.</summary>
    private sealed class Checkout : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("wb-checkout-").FullName;
        public string FirstCommit { get; }

        public Checkout()
        {
            Directory.CreateDirectory(System.IO.Path.Combine(Path, "migrations"));
            File.WriteAllText(System.IO.Path.Combine(Path, "migrations/0008.sql"), "DROP INDEX orders_by_user;");
            Git("init", "-q");
            foreach (string tag in (string[])["v1.4.0", "v1.4.1"])
            {
                Git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", tag);
                Git("tag", tag);
            }
            FirstCommit = Git("rev-list", "-n1", "v1.4.0").Trim();
        }

        private string Git(params string[] arguments)
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Path, RedirectStandardOutput = true })!;
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            Assert.Equal(0, git.ExitCode);
            return output;
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
