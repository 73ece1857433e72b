using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Waybill.Changes;

/// <summary>GitHub's webhooks: <c>deployment</c>, <c>deployment_status</c> and <c>workflow_run</c>. All reports of one deployment are one change.</summary>
internal static partial class GitHubHook
{
    public static IReadOnlyList<ChangeReport> Read(ChangeRequest request)
    {
        HookSecrets.RequireSignature(request, "X-Hub-Signature-256", request.Options.GitHubSecrets, "Changes:GitHubSecrets");
        using JsonDocument document = ReadPayload(request);
        var payload = new Fields(document.RootElement, "", request.Options.TextCharsMax);
        string name = request.Headers["X-GitHub-Event"].ToString();
        switch (name)
        {
            case "deployment" or "deployment_status": return [Deployment(payload, name, request)];
            case "workflow_run": return [WorkflowRun(payload, request)];
            case "ping": return [];
            default:
                request.Remarks.Add($"The event '{(name.Length is > 0 and <= 40 ? name : "(none)")}' is no change; deployment, deployment_status and workflow_run are.");
                return [];
        }
    }

    // As the hook is set up: JSON, or a form with the JSON in payload.
    private static JsonDocument ReadPayload(ChangeRequest request)
    {
        if (request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true) return request.ReadRedactedJson(request.Body);
        var form = QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(request.Body));
        return request.ReadRedactedJson(System.Text.Encoding.UTF8.GetBytes(form.TryGetValue("payload", out var payload) ? payload.ToString() : ""));
    }

    private static ChangeReport Deployment(Fields payload, string name, ChangeRequest request)
    {
        Fields deployment = payload.Object("deployment") ?? throw new BadReportException("deployment", "is missing.");
        Fields? status = payload.Object("deployment_status");
        string id = deployment.Required("id"), sha = deployment.Text("sha"), reference = deployment.Text("ref"), task = deployment.Text("task");
        string repository = payload.Deep("repository", "full_name");
        using JsonDocument? own = OwnPayload(deployment);
        var (outcome, ends) = (status?.Text("state") ?? "pending") switch
        {
            "success" => (ChangeOutcome.Success, true),
            "failure" or "error" => (ChangeOutcome.Failure, true),
            "inactive" => ("", false),   // a newer one took its place; how this one ended stands
            _ => (ChangeOutcome.Running, false),
        };
        long time = status?.Time("updated_at") is > 0 and var updated ? updated : deployment.Time("updated_at") is > 0 and var changed ? changed : request.ReceivedUnixNano;
        string environment = deployment.Text("environment", "original_environment"), version = Own(own, "version") is { Length: > 0 } said ? said : TagOf(reference);
        string key = $"{payload.Deep("repository", "id")}/{repository}/deployments/{id}", service = Own(own, "service") is { Length: > 0 } named ? named : repository[(repository.LastIndexOf('/') + 1)..];
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"github/{key}"), Key = key, Source = "github", Type = name,
            Kind = task.Contains("rollback", StringComparison.OrdinalIgnoreCase) ? ChangeKind.Rollback : task.Contains("migrat", StringComparison.OrdinalIgnoreCase) ? ChangeKind.SchemaMigration : ChangeKind.Deployment,
            Service = service, Environment = environment, Version = version, Commit = sha, Repository = payload.Deep("repository", "html_url"),
            Summary = deployment.Text("description") is { Length: > 0 } description ? description : $"Deploy {service} {(version.Length > 0 ? version : sha[..Math.Min(12, sha.Length)])} to {environment}",
            Author = deployment.Deep("creator", "login") is { Length: > 0 } creator ? creator : payload.Deep("sender", "login"),
            Pipeline = payload.Deep("workflow", "name"), PipelineRun = payload.Deep("workflow_run", "id"), PipelineUrl = payload.Deep("workflow_run", "html_url"), Outcome = outcome,
            Links = ChangeLink.Write([new("Log", Web(status?.Text("log_url", "target_url"))), new("Environment", Web(status?.Text("environment_url")))]),
            ReportedUnixNano = time, StartedUnixNano = deployment.Time("created_at"), FinishedUnixNano = ends ? time : 0,
        };
    }

    private static ChangeReport WorkflowRun(Fields payload, ChangeRequest request)
    {
        Fields run = payload.Object("workflow_run") ?? throw new BadReportException("workflow_run", "is missing.");
        string id = run.Required("id"), name = run.Text("name"), conclusion = run.Text("conclusion");
        bool ended = payload.Text("action") == "completed";
        string outcome = !ended ? ChangeOutcome.Running : conclusion switch
        {
            "success" or "neutral" => ChangeOutcome.Success,
            "cancelled" or "skipped" or "stale" => ChangeOutcome.Cancelled,
            _ => ChangeOutcome.Failure,
        };
        long time = run.Time("updated_at") is > 0 and var updated ? updated : request.ReceivedUnixNano;
        string key = $"{payload.Deep("repository", "id")}/{payload.Deep("repository", "full_name")}/runs/{id}/{run.Text("run_attempt")}";
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"github/{key}"), Key = key, Source = "github", Type = "workflow_run", Kind = ChangeKind.Custom, Subject = name,
            Summary = $"{name} #{run.Text("run_number")}: {(run.Text("display_title") is { Length: > 0 } title ? title : run.Text("head_branch"))}", Commit = run.Text("head_sha"),
            Repository = payload.Deep("repository", "html_url"), Pipeline = name, PipelineRun = id, PipelineUrl = run.Text("html_url"), Outcome = outcome,
            Author = run.Deep("triggering_actor", "login") is { Length: > 0 } triggering ? triggering : run.Deep("actor", "login"),
            ReportedUnixNano = time, StartedUnixNano = run.Time("run_started_at") is > 0 and var started ? started : run.Time("created_at"), FinishedUnixNano = ended ? time : 0,
        };
    }

    /// <summary>What the deployment's maker put into <c>payload</c>: an object, or one as text. We read <c>service</c> and <c>version</c>.</summary>
    private static JsonDocument? OwnPayload(Fields deployment)
    {
        if (!deployment.Has("payload")) return null;
        try
        {
            JsonElement payload = deployment.Json.GetProperty("payload");
            return JsonDocument.Parse(payload.ValueKind == JsonValueKind.String ? payload.GetString()! : payload.GetRawText());
        }
        catch (JsonException)
        {
            return null;   // any text is allowed there
        }
    }

    private static string Own(JsonDocument? payload, string name) => payload?.RootElement is { ValueKind: JsonValueKind.Object } own ? new Fields(own, "deployment.payload", 256).Deep(name) : "";

    private static string Web(string? url) => url is not null && url.StartsWith("http", StringComparison.Ordinal) ? url : "";

    /// <summary>The version that a tag names; empty for a branch.</summary>
    internal static string TagOf(string reference)
    {
        string name = reference.StartsWith("refs/tags/", StringComparison.Ordinal) ? reference["refs/tags/".Length..] : reference;
        return Tag().IsMatch(name) ? name : "";
    }

    [GeneratedRegex(@"^([a-z0-9_-]+[@/-])?v?[0-9]+(\.[0-9]+)+([-+.][0-9A-Za-z.-]+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Tag();
}
