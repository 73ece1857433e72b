using System.Text.Json;

namespace Waybill.Changes;

/// <summary>GitLab's webhooks: <c>Deployment Hook</c> and <c>Feature Flag Hook</c>.</summary>
internal static class GitLabHook
{
    public static IReadOnlyList<ChangeReport> Read(ChangeRequest request)
    {
        HookSecrets.RequireToken(request, "X-Gitlab-Token", "", request.Options.GitLabTokens, "Changes:GitLabTokens");
        using JsonDocument document = request.ReadRedactedJson(request.Body);
        var hook = new Fields(document.RootElement, "", request.Options.TextCharsMax);
        switch (hook.Text("object_kind"))
        {
            case "deployment": return [Deployment(hook, request)];
            case "feature_flag": return [FeatureFlag(hook, request)];
            default:
                request.Remarks.Add("This event is no change; Deployment Hook and Feature Flag Hook are.");
                return [];
        }
    }

    private static ChangeReport Deployment(Fields hook, ChangeRequest request)
    {
        string id = hook.Required("deployment_id"), project = hook.Deep("project", "path_with_namespace"), commitUrl = hook.Text("commit_url"), reference = hook.Text("ref");
        var (outcome, ends) = hook.Text("status") switch
        {
            "success" => (ChangeOutcome.Success, true),
            "failed" => (ChangeOutcome.Failure, true),
            "canceled" => (ChangeOutcome.Cancelled, true),
            _ => (ChangeOutcome.Running, false),
        };
        long time = hook.Time("status_changed_at") is > 0 and var changed ? changed : request.ReceivedUnixNano;
        string key = $"{request.Headers["X-Gitlab-Instance"]}/{hook.Deep("project", "id")}/{project}/deployments/{id}", service = project[(project.LastIndexOf('/') + 1)..];
        string environment = hook.Text("environment"), version = GitHubHook.TagOf(reference), shortSha = hook.Text("short_sha");
        string commit = commitUrl[(commitUrl.LastIndexOf('/') + 1)..];
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"gitlab/{key}"), Key = key, Source = "gitlab", Type = "deployment", Kind = ChangeKind.Deployment, Service = service, Environment = environment,
            Version = version, Commit = commit.Length >= shortSha.Length ? commit : shortSha, Repository = hook.Deep("project", "web_url"),
            Summary = hook.Text("commit_title") is { Length: > 0 } title ? $"Deploy to {environment}: {title}" : $"Deploy {service} {(version.Length > 0 ? version : shortSha)} to {environment}",
            Author = hook.Deep("user", "username") is { Length: > 0 } user ? user : hook.Deep("user", "name"), PipelineRun = hook.Text("deployable_id"), PipelineUrl = hook.Text("deployable_url"),
            Outcome = outcome, Links = ChangeLink.Write([new("Environment", hook.Text("environment_external_url"))]),
            Attributes = hook.Text("environment_tier") is { Length: > 0 } tier ? new Dictionary<string, string> { ["environment_tier"] = tier } : [],
            ReportedUnixNano = time, StartedUnixNano = ends ? 0 : time, FinishedUnixNano = ends ? time : 0,
        };
    }

    // GitLab does not say when it was switched, nor what it was before.
    private static ChangeReport FeatureFlag(Fields hook, ChangeRequest request)
    {
        Fields flag = hook.Object("object_attributes") ?? throw new BadReportException("object_attributes", "is missing.");
        string name = flag.Required("name"), active = flag.Text("active"), project = hook.Deep("project", "path_with_namespace");
        string named = request.Headers["X-Gitlab-Event-UUID"].ToString() is { Length: > 0 } uuid ? uuid : $"{request.ReceivedUnixNano}", key = $"{project}/feature_flags/{name}/{named}";
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"gitlab/{key}"), Key = key, Source = "gitlab", Type = "feature_flag", Kind = ChangeKind.FeatureFlag, Subject = name,
            Summary = $"Flag {name} switched {(active == "true" ? "on" : "off")}", Before = active == "true" ? "off" : "on", After = active == "true" ? "on" : "off", Repository = hook.Deep("project", "web_url"),
            Author = hook.Deep("user", "username"), Outcome = ChangeOutcome.Success,
            ReportedUnixNano = request.ReceivedUnixNano, StartedUnixNano = request.ReceivedUnixNano, FinishedUnixNano = request.ReceivedUnixNano,
        };
    }
}
