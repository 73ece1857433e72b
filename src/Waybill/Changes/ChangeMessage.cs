using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waybill.Changes;

/// <summary>A change as <c>POST /v1/changes</c> takes it.</summary>
internal static class ChangeMessage
{
    /// <summary>
    /// Within a run of a build server the same command is the same change, however often it is repeated, and one that reports the end completes
    /// the one that reported the begin. Outside of one every command is a change of its own, unless it is named.
    /// </summary>
    /// <param name="given">Fields from the command line; empty ones are left out, and what is missing is taken from the run.</param>
    public static JsonObject Of(IReadOnlyDictionary<string, string?> given, Pipeline pipeline)
    {
        var change = new JsonObject { ["source"] = "cli" };
        foreach (var (name, value) in given)
            if (value is { Length: > 0 }) change[name] = name is "before" or "after" && Json(value) is { } json ? json : JsonValue.Create(value);
        Default("commit", pipeline.Commit);
        Default("previousCommit", pipeline.PreviousCommit);
        Default("repository", pipeline.Repository);
        Default("author", pipeline.Author);
        Default("environment", pipeline.Environment);
        Default("traceId", pipeline.TraceId);
        Default("id", pipeline.Run is null ? Guid.NewGuid().ToString("N")
            : string.Join('/', new[] { pipeline.Url, pipeline.Run, Text("kind"), Text("service"), Text("subject"), Text("environment"), Text("version") }.Where(part => part is { Length: > 0 })));
        if (pipeline.Run is not null) change["pipeline"] = new JsonObject { ["name"] = pipeline.Name, ["run"] = pipeline.Run, ["url"] = pipeline.Url };
        return change;

        void Default(string name, string? value)
        {
            if (value is not null && !change.ContainsKey(name)) change[name] = value;
        }

        string? Text(string name) => (string?)change[name];
    }

    private static JsonNode? Json(string text)
    {
        if (text.TrimStart() is not ['{' or '[', ..]) return null;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;   // sent as the text that it is
        }
    }
}
