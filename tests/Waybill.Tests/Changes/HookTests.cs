namespace Waybill.Changes;

public sealed class HookTests
{
    private static readonly ChangeOptions Secrets = new() { GitHubSecrets = ["old", "new"], GitLabTokens = ["t-1"], ArgoCdTokens = ["a-1"] };

    private const string Deployment = """
        {"action":"created","deployment":{"id":7,"sha":"9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c","ref":"v1.4.1","task":"deploy","payload":{"service":"orders"},"environment":"prod","description":null,
         "creator":{"login":"alice"},"created_at":"2026-11-24T10:00:00Z","updated_at":"2026-11-24T10:00:00Z"},"repository":{"id":1,"full_name":"acme/shop","html_url":"https://github.com/acme/shop"}}
        """;

    private static string Status(string state) => Deployment.Replace("\"action\":\"created\"", $$"""
        "action":"created","deployment_status":{"id":9,"state":"{{state}}","updated_at":"2026-11-24T10:05:00Z","log_url":"https://ci.example/9"}
        """, StringComparison.Ordinal);

    private const string GitLab = """
        {"object_kind":"deployment","status":"success","status_changed_at":"2026-11-24 11:50:00 +0200","deployment_id":15,"deployable_id":796,"deployable_url":"https://gitlab.example/p/-/jobs/796",
         "environment":"staging","environment_tier":"staging","project":{"id":30,"name":"shop","path_with_namespace":"acme/shop","web_url":"https://gitlab.example/acme/shop"},"short_sha":"279484c0",
         "user":{"username":"root","name":"Administrator"},"commit_url":"https://gitlab.example/acme/shop/-/commit/279484c09fbe69ededfced8c1bb6e6d24616b468","commit_title":"Add new file","ref":"1.0.0"}
        """;

    private const string Argo = """
        {"app":"orders","namespace":"argocd","trigger":"on-deployed","revision":"279484c09fbe69ededfced8c1bb6e6d24616b468","repoURL":"https://git.example/deploy","phase":"Succeeded","startedAt":"2026-11-24T10:00:00Z",
         "finishedAt":"2026-11-24T10:01:00Z","destinationNamespace":"shop","images":["registry.example:5000/shop/orders:1.4.1@sha256:abc"],"url":"https://argo.example/applications/orders"}
        """;

    [Fact]
    public void GitHub_deployments_and_their_statuses_are_one_change()
    {
        ChangeReport created = GitHub("deployment", Deployment), running = GitHub("deployment_status", Status("in_progress")), done = GitHub("deployment_status", Status("success"));
        Assert.Equal(created.Id, running.Id);
        Assert.Equal(created.Id, done.Id);
        Assert.Equal(("orders", "prod", "1.4.1", "alice", "running"), (created.Service, created.Environment, created.Version.TrimStart('v'), created.Author, created.Outcome));
        Assert.Equal(("success", 5L * 60 * 1_000_000_000), (done.Outcome, done.FinishedUnixNano - done.StartedUnixNano));
        Assert.Equal("", GitHub("deployment_status", Status("inactive")).Outcome);   // replaced by a newer one: how it ended stands
        Assert.Equal("failure", GitHub("deployment_status", Status("error")).Outcome);
    }

    [Fact]
    public void GitHub_signs_with_any_of_the_secrets_and_a_form_is_as_good_as_JSON()
    {
        GitHub("deployment", Deployment, secret: "old");
        string form = "payload=" + Uri.EscapeDataString(Deployment);
        Assert.Single(GitHubHook.Read(Requests.Of(form, "application/x-www-form-urlencoded", Secrets, headers: [("X-GitHub-Event", "deployment"), ("X-Hub-Signature-256", Requests.Sign(form, "new"))])));
    }

    [Fact]
    public void GitHub_workflow_runs_are_changes_and_pings_are_not()
    {
        ChangeReport run = GitHub("workflow_run", """
            {"action":"completed","workflow_run":{"id":1,"name":"CI","run_number":4,"run_attempt":1,"conclusion":"timed_out","head_sha":"abc1234","display_title":"Fix","html_url":"https://x","run_started_at":"2026-11-24T10:00:00Z","updated_at":"2026-11-24T10:01:00Z"},"repository":{"id":1}}
            """);
        Assert.Equal((ChangeKind.Custom, "failure", "CI #4: Fix"), (run.Kind, run.Outcome, run.Summary));
        Assert.Empty(GitHubHook.Read(Requests.Of("""{"zen":"x"}""", headers: ("X-GitHub-Event", "ping"))));
        ChangeRequest star = Requests.Of("{}", headers: ("X-GitHub-Event", "star"));
        Assert.Empty(GitHubHook.Read(star));
        Assert.Contains("'star' is no change", Assert.Single(star.Remarks));
    }

    [Fact]
    public void GitLab_deployments_are_changes()
    {
        ChangeReport report = GitLabHook.Read(Requests.Of(GitLab, options: Secrets, headers: ("X-Gitlab-Token", "t-1")))[0];
        Assert.Equal(("shop", "staging", "279484c09fbe69ededfced8c1bb6e6d24616b468", "root", "success", "1.0.0"), (report.Service, report.Environment, report.Commit, report.Author, report.Outcome, report.Version));
        Assert.Equal(DateTimeOffset.Parse("2026-11-24T09:50:00Z").ToUnixTimeMilliseconds() * 1_000_000, report.FinishedUnixNano);
        ChangeReport started = GitLabHook.Read(Requests.Of(GitLab.Replace("\"success\"", "\"running\"", StringComparison.Ordinal)))[0];
        Assert.Equal((report.Id, "running"), (started.Id, started.Outcome));
    }

    [Fact]
    public void GitLab_feature_flags_are_changes()
    {
        ChangeReport report = GitLabHook.Read(Requests.Of("""{"object_kind":"feature_flag","project":{"path_with_namespace":"a/b"},"user":{"username":"root"},"object_attributes":{"id":6,"name":"new-pricing","active":true}}"""))[0];
        Assert.Equal((ChangeKind.FeatureFlag, "new-pricing", "on"), (report.Kind, report.Subject, report.After));
    }

    [Fact]
    public void Argo_CD_notifications_are_changes()
    {
        ChangeReport report = ArgoCdHook.Read(Requests.Of(Argo, options: Secrets, headers: ("Authorization", "Bearer a-1")))[0];
        Assert.Equal(("orders", "shop", "1.4.1", "success", ChangeKind.Deployment), (report.Service, report.Environment, report.Version, report.Outcome, report.Kind));
        ChangeReport running = ArgoCdHook.Read(Requests.Of(Argo.Replace("Succeeded", "Running", StringComparison.Ordinal)))[0], degraded = ArgoCdHook.Read(Requests.Of(Argo.Replace("on-deployed", "on-health-degraded", StringComparison.Ordinal)))[0];
        Assert.Equal(report.Id, running.Id);
        Assert.Equal((ChangeKind.Infrastructure, "orders is degraded"), (degraded.Kind, degraded.Summary));
    }

    [Fact]
    public void A_wrong_or_missing_signature_is_refused_and_what_was_sent_is_not_repeated()
    {
        AssertUnsigned("X-Hub-Signature-256", () => GitHubHook.Read(Requests.Of(Deployment, options: Secrets, headers: ("X-GitHub-Event", "deployment"))));
        AssertUnsigned("X-Hub-Signature-256", () => GitHub("deployment", Deployment, secret: "wrong"));
        AssertUnsigned("X-Hub-Signature-256", () => GitHubHook.Read(Requests.Of(Deployment + " ", options: Secrets, headers: [("X-GitHub-Event", "deployment"), ("X-Hub-Signature-256", Requests.Sign(Deployment, "new"))])));
        AssertUnsigned("X-Gitlab-Token", () => GitLabHook.Read(Requests.Of(GitLab, options: Secrets)));
        AssertUnsigned("X-Gitlab-Token", () => GitLabHook.Read(Requests.Of(GitLab, options: Secrets, headers: ("X-Gitlab-Token", "t-10"))));
        AssertUnsigned("Authorization", () => ArgoCdHook.Read(Requests.Of(Argo, options: Secrets, headers: ("Authorization", "Basic a-1"))));
        AssertUnsigned("Authorization", () => ArgoCdHook.Read(Requests.Of(Argo, options: Secrets, headers: ("Authorization", "Bearer ")))); 
    }

    [Fact]
    public void Without_a_secret_only_a_server_that_nobody_else_can_reach_takes_hooks()
    {
        Assert.Single(GitHubHook.Read(Requests.Of(Deployment, headers: ("X-GitHub-Event", "deployment"))));
        AssertUnsigned("X-Hub-Signature-256", () => GitHubHook.Read(Requests.Of(Deployment, mayBeUnsigned: false, headers: ("X-GitHub-Event", "deployment"))));
        AssertUnsigned("X-Gitlab-Token", () => GitLabHook.Read(Requests.Of(GitLab, mayBeUnsigned: false)));
        AssertUnsigned("Authorization", () => ArgoCdHook.Read(Requests.Of(Argo, mayBeUnsigned: false)));
    }

    private static ChangeReport GitHub(string name, string body, string secret = "new") =>
        GitHubHook.Read(Requests.Of(body, options: Secrets, headers: [("X-GitHub-Event", name), ("X-Hub-Signature-256", Requests.Sign(body, secret))]))[0];

    private static void AssertUnsigned(string header, Func<object> read)
    {
        var refused = Assert.Throws<UnsignedException>(read);
        Assert.Equal(header, refused.Header);
        Assert.DoesNotContain("wrong\"", refused.Message);
        Assert.DoesNotContain("t-10", refused.Message);
    }
}
