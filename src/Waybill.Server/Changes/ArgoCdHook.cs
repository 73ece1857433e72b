using System.Text.Json;
using System.Text.RegularExpressions;

namespace Waybill.Changes;

/// <summary>Argo CD's notifications, in the form of the template in <c>deploy/argocd/notifications.yaml</c>: their bodies have no form of their own.</summary>
internal static partial class ArgoCdHook
{
    public static IReadOnlyList<ChangeReport> Read(ChangeRequest request)
    {
        HookSecrets.RequireToken(request, "Authorization", "Bearer ", request.Options.ArgoCdTokens, "Changes:ArgoCdTokens");
        using JsonDocument document = request.ReadRedactedJson(request.Body);
        var hook = new Fields(document.RootElement, "", request.Options.TextCharsMax);
        string app = hook.Required("app"), trigger = hook.Text("trigger"), revision = hook.Text("revision"), phase = hook.Text("phase");
        long started = hook.Time("startedAt"), finished = hook.Time("finishedAt");
        string url = hook.Text("url"), host = Uri.TryCreate(url, UriKind.Absolute, out Uri? web) ? web.Authority : "";
        string operation = $"{host}/{hook.Text("namespace")}/{app}/{revision}/{started}";
        string environment = hook.Text("environment", "destinationNamespace"), service = hook.Text("service", "app"), images = hook.Value("images");
        bool degraded = trigger == "on-health-degraded", deleted = trigger == "on-deleted", created = trigger == "on-created";
        string key = degraded || deleted || created ? $"{operation}/{trigger}/{(degraded ? request.ReceivedUnixNano / 60_000_000_000 : 0)}" : operation;
        string outcome = degraded ? ChangeOutcome.Failure : deleted || created ? ChangeOutcome.Success : phase switch
        {
            "Succeeded" => ChangeOutcome.Success,
            "Failed" or "Error" => ChangeOutcome.Failure,
            _ => ChangeOutcome.Running,
        };
        bool ends = outcome != ChangeOutcome.Running;
        long time = finished > 0 && ends ? finished : request.ReceivedUnixNano;
        return
        [
            new ChangeReport
            {
                Id = ChangeReport.IdOf($"argocd/{key}"), Key = key, Source = "argocd", Type = trigger, Kind = degraded || deleted || created ? ChangeKind.Infrastructure : ChangeKind.Deployment,
                Service = service, Environment = environment, Commit = Commit().IsMatch(revision) ? revision : "", Version = VersionOf(images, revision), Repository = hook.Text("repoURL"),
                Subject = service == app ? "" : app, Author = hook.Text("author"), Outcome = outcome, Links = ChangeLink.Write(web is null ? [] : [new("Argo CD", url)]),
                Summary = degraded ? $"{app} is degraded" : deleted || created ? $"{app} {(deleted ? "deleted" : "created")}"
                    : $"Sync {app} to {revision[..Math.Min(12, revision.Length)]}{(outcome == ChangeOutcome.Failure && hook.Text("message") is { Length: > 0 } message ? $": {message}" : "")}",
                Attributes = images.Length > 0 ? new Dictionary<string, string> { ["images"] = images } : [],
                ReportedUnixNano = time, StartedUnixNano = degraded || deleted || created ? time : started, FinishedUnixNano = ends ? time : 0,
            },
        ];
    }

    /// <summary>The tag of the first image, else the revision when it is a version and no commit.</summary>
    private static string VersionOf(string images, string revision)
    {
        string image = images.Split(['[', ']', '"', ',', ' '], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("").Split('@')[0];
        int colon = image.LastIndexOf(':');
        if (colon > image.LastIndexOf('/')) return image[(colon + 1)..];
        return Commit().IsMatch(revision) ? "" : GitHubHook.TagOf(revision);
    }

    [GeneratedRegex("^[0-9a-f]{7,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Commit();
}
