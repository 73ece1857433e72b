using System.Text.Json;

namespace Waybill.Changes;

/// <summary>Reads our own form of a report: an object, an array of them, or an object with the array in <c>changes</c>.</summary>
internal static class ChangeJson
{
    private static readonly HashSet<string> Known =
    [
        "id", "kind", "type", "summary", "service", "namespace", "instance", "zone", "subject", "environment", "version", "previousVersion", "commit", "previousCommit", "repository",
        "artifact", "pipeline", "author", "actor", "started", "finished", "time", "outcome", "before", "after", "links", "attributes", "source", "traceId",
    ];

    /// <param name="key">The request's own <c>Idempotency-Key</c>; empty when it has none.</param>
    /// <param name="remarks">What was understood in another way than meant, perhaps.</param>
    /// <exception cref="BadReportException">One of them cannot be read.</exception>
    public static List<ChangeReport> Read(JsonElement body, string key, string source, long receivedUnixNano, ChangeOptions options, List<string> remarks)
    {
        if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("changes", out JsonElement inner)) body = inner;
        if (body.ValueKind != JsonValueKind.Array) return [ReadOne(new Fields(body, "", options.TextCharsMax), key, source, receivedUnixNano, 0, options, remarks)];

        if (body.GetArrayLength() > options.ChangesPerRequestMax)
            throw new BadReportException("changes", $"has {body.GetArrayLength()} changes, at most {options.ChangesPerRequestMax} fit in a request. Send several.");
        return [.. body.EnumerateArray().Select((one, i) => ReadOne(new Fields(one, $"changes[{i}]", options.TextCharsMax), key.Length == 0 ? "" : $"{key}/{i}", source, receivedUnixNano, i, options, remarks))];
    }

    private static ChangeReport ReadOne(Fields change, string key, string source, long receivedUnixNano, int place, ChangeOptions options, List<string> remarks)
    {
        string kind = change.Required("kind");
        if (!ChangeKind.All.Contains(kind)) throw new BadReportException(change.PathOf("kind"), $"is not one of {string.Join(", ", ChangeKind.All)}.");
        string outcome = change.Text("outcome");
        if (outcome.Length > 0 && !ChangeOutcome.All.Contains(outcome)) throw new BadReportException(change.PathOf("outcome"), $"is not one of {string.Join(", ", ChangeOutcome.All)}.");
        string service = change.Text("service"), subject = change.Text("subject");
        if (service.Length == 0 && subject.Length == 0) throw new BadReportException(change.PathOf("service"), "is missing, and so is subject: say what was changed.");
        foreach (JsonProperty field in change.Json.EnumerateObject())
            if (!Known.Contains(field.Name) && remarks.Count < 20) remarks.Add($"{change.PathOf(field.Name)} is not a field of a change and was left out; what you want to keep goes into attributes.");

        string id = change.Text("id") is { Length: > 0 } own ? own : key;
        // Without a name of its own each report is a change of its own: flipping a flag to and fro sends the same bytes again.
        string named = id.Length > 0 ? id : $"unnamed/{receivedUnixNano}/{place}/{Guid.NewGuid():N}";
        long started = change.Time("started") is var said and > 0 ? said : change.Time("time"), finished = change.Time("finished");
        if (finished > 0 && finished < started) throw new BadReportException(change.PathOf("finished"), "lies before started.");
        if (started == 0 && finished == 0)
        {
            // A later report about a named change tells when it ended; the first one, when it began.
            if (outcome.Length > 0 && outcome != ChangeOutcome.Running && id.Length > 0) finished = receivedUnixNano;
            else started = receivedUnixNano;
        }
        var (before, after) = Secrets.Mask(change.Value("before"), change.Value("after"));
        Fields? pipeline = change.Object("pipeline");
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"own/{named}"), Key = id, Kind = kind, Source = change.Text("source") is "cli" ? "cli" : source, Type = change.Text("type"),
            Summary = change.Text("summary"), Service = service, Namespace = change.Text("namespace"), Instance = change.Text("instance"), Zone = change.Text("zone"), Subject = subject,
            Environment = change.Text("environment"), Version = change.Text("version"), PreviousVersion = change.Text("previousVersion"), Commit = change.Text("commit"),
            PreviousCommit = change.Text("previousCommit"), Repository = change.Text("repository"), Artifact = change.Text("artifact"),
            Pipeline = pipeline?.Text("name") ?? "", PipelineRun = pipeline?.Text("run") ?? "", PipelineUrl = pipeline?.Text("url") ?? "",
            Author = change.Text("author", "actor"), Outcome = outcome, Before = before, After = after, Links = Links(change), TraceId = change.Text("traceId"),
            Attributes = Attributes(change), ReportedUnixNano = finished > 0 ? finished : receivedUnixNano, StartedUnixNano = started, FinishedUnixNano = finished,
        };
    }

    private static string Links(Fields change)
    {
        const int LinksMax = 20;
        if (!change.Has("links")) return "";
        JsonElement links = change.Json.GetProperty("links");
        if (links.ValueKind != JsonValueKind.Array || links.GetArrayLength() > LinksMax) throw new BadReportException(change.PathOf("links"), $"expected a list of at most {LinksMax} links.");
        return ChangeLink.Write(links.EnumerateArray().Select((link, i) =>
        {
            var fields = new Fields(link, change.PathOf($"links[{i}]"), 2048);
            string url = fields.Required("url");
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("http" or "https")) throw new BadReportException(fields.PathOf("url"), "is not an http or https URL.");
            return new ChangeLink(fields.Text("title") is { Length: > 0 } title ? title : url, url);
        }));
    }

    private static Dictionary<string, string> Attributes(Fields change)
    {
        const int AttributesMax = 64;
        var attributes = new Dictionary<string, string>();
        if (change.Object("attributes") is not { } given) return attributes;
        foreach (JsonProperty attribute in given.Json.EnumerateObject())
        {
            if (attributes.Count >= AttributesMax) throw new BadReportException(change.PathOf("attributes"), $"has more than {AttributesMax}.");
            attributes[attribute.Name] = Secrets.IsSecret(attribute.Name) ? Secrets.Hidden : given.Value(attribute.Name);
        }
        return attributes;
    }
}
