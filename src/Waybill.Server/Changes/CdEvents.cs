using System.Text.Json;

namespace Waybill.Changes;

/// <summary>
/// Reads CDEvents of every subject, as version 0.5 writes them and as 0.4 and before did. What starts and finishes (runs, incidents, tickets) is one
/// change named by its subject; what happens at once is named by its event.
/// </summary>
internal static class CdEvents
{
    private const string Prefix = "dev.cdevents.", CustomPrefix = "dev.cdeventsx.";

    private static readonly HashSet<string> Lasting = ["pipelinerun", "taskrun", "build", "testcaserun", "testsuiterun", "testcase", "testsuite", "change", "incident", "ticket", "approval"];

    /// <exception cref="BadReportException">What every CDEvent must have is missing.</exception>
    public static ChangeReport Read(CloudEvent cloud, ChangeRequest request)
    {
        var data = new Fields(cloud.Data, cloud.Path, request.Options.TextCharsMax);
        Fields context = data.Object("context") ?? throw new BadReportException(data.PathOf("context"), "is missing: the data of a CDEvent is the whole CDEvent.");
        Fields subject = data.Object("subject") ?? throw new BadReportException(data.PathOf("subject"), "is missing.");
        string type = context.Required("type"), id = context.Required("id"), source = context.Required("source"), subjectId = subject.Required("id");
        if (context.Time("timestamp") is not (> 0 and var time)) throw new BadReportException(context.PathOf("timestamp"), "is missing.");
        var (name, predicate) = Split(type) ?? throw new BadReportException(context.PathOf("type"), "is not dev.cdevents.<subject>.<predicate>.<version>.");

        Fields? content = subject.Object("content");
        string subjectSource = subject.Text("source") is { Length: > 0 } own ? own : source;
        bool lasts = Lasting.Contains(name);
        string key = lasts ? $"{subjectSource}/{name}/{subjectId}" : $"{source}/{id}";
        var (started, finished, outcome) = Course(lasts, predicate, content?.Text("outcome") ?? "", time);
        string artifact = name == "artifact" ? subjectId : content?.Text("artifactId") ?? "";
        string change = content?.Deep("change", "id") ?? "";
        string uri = content?.Text("uri", "url") is { Length: > 0 } link ? link : content?.Text("ticketURI") ?? "";
        string service = name == "service" ? LastPart(subjectId) : LastPart(content?.Deep("service", "id") ?? "");
        string environment = name == "environment" ? subjectId : content?.Deep("environment", "id") ?? "";
        string version = PackageUrl.VersionOf(artifact);
        string what = name switch
        {
            "service" => service,
            "pipelinerun" => content?.Text("pipelineName") ?? "",
            "taskrun" => content?.Text("taskName") ?? "",
            _ => content?.Text("name") ?? "",
        };
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"cdevents/{key}"), Key = key, Source = "cdevents", Type = type, Kind = KindOf(name, predicate),
            Service = service, Subject = name == "service" && service == subjectId ? "" : subjectId, Environment = environment, Artifact = artifact, Version = version,
            Summary = Summary(name, predicate, what.Length > 0 ? what : subjectId, version, environment, content?.Text("description") ?? ""),
            Commit = IsCommit(change) ? change : "", Repository = RepositoryOf(name, subjectId, subjectSource, content),
            Pipeline = name == "pipelinerun" ? what : "", PipelineRun = name == "pipelinerun" ? subjectId : content?.Deep("pipelineRun", "id") ?? "", PipelineUrl = name == "pipelinerun" ? uri : "",
            Author = content?.Text("user") ?? "", Outcome = outcome, Links = ChangeLink.Write(IsWeb(uri) ? [new(name, uri)] : []), TraceId = CloudEvents.TraceOf(cloud.TraceParent),
            Attributes = Attributes(data, context, content), ReportedUnixNano = time, StartedUnixNano = started, FinishedUnixNano = finished,
        };
    }

    /// <summary>Subject and predicate; whatever version follows. Of a custom event <c>tool-subject</c> is the subject.</summary>
    private static (string Subject, string Predicate)? Split(string type)
    {
        string rest = type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : type.StartsWith(CustomPrefix, StringComparison.Ordinal) ? type[CustomPrefix.Length..] : "";
        return rest.Split('.') is [{ Length: > 0 } subject, { Length: > 0 } predicate, ..] ? (subject.ToLowerInvariant(), predicate.ToLowerInvariant()) : null;
    }

    private static string KindOf(string subject, string predicate) => (subject, predicate) switch
    {
        ("service", "rolledback") => ChangeKind.Rollback,
        ("service", "deployed" or "upgraded") => ChangeKind.Deployment,
        ("service" or "environment", _) => ChangeKind.Infrastructure,
        _ => ChangeKind.Custom,
    };

    private static (long Started, long Finished, string Outcome) Course(bool lasts, string predicate, string outcome, long time)
    {
        if (!lasts) return (time, time, ChangeOutcome.Success);
        return predicate switch
        {
            "finished" => (0, time, Outcome(outcome)),
            "resolved" or "closed" or "merged" or "accepted" or "approved" => (0, time, ChangeOutcome.Success),
            "abandoned" or "skipped" => (0, time, ChangeOutcome.Cancelled),
            "rejected" => (0, time, ChangeOutcome.Failure),
            "queued" or "started" or "created" or "detected" or "reported" => (time, 0, ChangeOutcome.Running),
            _ => (0, 0, ChangeOutcome.Running),   // updated, reviewed: it goes on
        };
    }

    private static string Outcome(string said) => said.ToLowerInvariant() switch
    {
        "success" or "pass" or "" => ChangeOutcome.Success,
        "cancel" or "cancelled" or "canceled" or "skip" => ChangeOutcome.Cancelled,
        _ => ChangeOutcome.Failure,
    };

    private static string Summary(string subject, string predicate, string what, string version, string environment, string description)
    {
        if (description.Length > 0) return $"{subject} {predicate}: {description}";
        string text = $"{(subject == "service" ? "" : subject + " ")}{what}{(version.Length > 0 ? " " + version : "")} {(predicate == "rolledback" ? "rolled back" : predicate)}";
        return environment.Length > 0 && subject != "environment" ? $"{text} in {environment}" : text;
    }

    // The repository's own address is in its source or uri; its id is often only a name.
    private static string RepositoryOf(string subject, string subjectId, string subjectSource, Fields? content)
    {
        if (subject == "repository") return content?.Text("uri", "url") is { Length: > 0 } own ? own : subjectId;
        if (content is not { } given) return "";
        string id = given.Deep("repository", "id"), source = given.Deep("repository", "source"), changed = given.Deep("change", "source");
        return IsWeb(id) ? id : IsWeb(source) ? source : IsWeb(changed) ? changed : id;
    }

    private static Dictionary<string, string> Attributes(Fields data, Fields context, Fields? content)
    {
        var attributes = new Dictionary<string, string>();
        if (context.Text("chainId") is { Length: > 0 } chain) attributes["cdevents.chain_id"] = chain;
        if (context.Has("links")) attributes["cdevents.links"] = context.Value("links");
        if (content?.Value("errors") is { Length: > 0 } errors) attributes["cdevents.errors"] = errors;
        if (!data.Has("customData")) return attributes;
        JsonElement custom = data.Json.GetProperty("customData");
        if (custom.ValueKind != JsonValueKind.Object) attributes["cdevents.custom_data"] = data.Value("customData");
        else
            foreach (JsonProperty field in custom.EnumerateObject().Take(32))
                attributes[field.Name] = Secrets.IsSecret(field.Name) ? Secrets.Hidden : new Fields(custom, data.PathOf("customData"), 4096).Value(field.Name);
        return attributes;
    }

    private static string LastPart(string id) => id.TrimEnd('/') is var trimmed && trimmed.LastIndexOf('/') is var slash and >= 0 ? trimmed[(slash + 1)..] : id;

    private static bool IsCommit(string text) => text.Length is >= 7 and <= 64 && text.All(char.IsAsciiHexDigit);

    private static bool IsWeb(string text) => text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal);
}

/// <summary>Package URLs: <c>pkg:type/namespace/name@version?qualifiers#subpath</c>.</summary>
internal static class PackageUrl
{
    /// <summary>What people call the version: of an image its tag, else what stands behind the @; empty when there is none.</summary>
    public static string VersionOf(string purl)
    {
        if (!purl.StartsWith("pkg:", StringComparison.OrdinalIgnoreCase)) return "";
        string rest = purl.Split('#')[0];
        int question = rest.IndexOf('?', StringComparison.Ordinal);
        string qualifiers = question >= 0 ? rest[(question + 1)..] : "", path = question >= 0 ? rest[..question] : rest;
        string? tag = qualifiers.Split('&').FirstOrDefault(qualifier => qualifier.StartsWith("tag=", StringComparison.Ordinal));
        int at = path.LastIndexOf('@');
        return Uri.UnescapeDataString(tag is not null ? tag[4..] : at > path.LastIndexOf('/') ? path[(at + 1)..] : "");
    }
}
