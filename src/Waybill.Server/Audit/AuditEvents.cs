using System.Globalization;
using System.Text.Json;
using Waybill.Ledger;

namespace Waybill.Audit;

/// <summary>Reads audit events of other systems: Waybill's own form, or OCSF (1.x) as SIEMs and cloud logs emit it.</summary>
/// <remarks>
/// <code>
/// {"action": "invoice.delete", "resource": "invoice/42", "actor": "alice", "address": "10.1.2.3", "session": "s1", "outcome": "done", "timeUnixNano": "…", "traceId": "…", "detail": {…}, "about": "customer/7"}
/// {"class_uid": 3002, "activity_id": 1, "status_id": 2, "time": 1795341600000, "actor": {"user": {"name": "alice"}}, "src_endpoint": {"ip": "10.1.2.3"}, …}
/// </code>
/// </remarks>
public static class AuditEvents
{
    private const int TextMax = 1_000;

    // OCSF 1.8: the classes that say who did what.
    private static readonly Dictionary<int, (string Noun, string[] Acts)> Classes = new()
    {
        [3002] = ("authentication", ["", "logon", "logoff", "ticket", "service-ticket", "renew", "preauth", "switch"]),
        [3004] = ("entity", ["", "create", "read", "update", "delete", "move", "enroll", "unenroll", "enable", "disable", "activate", "deactivate", "suspend", "resume"]),
        [6003] = ("api", ["", "create", "read", "update", "delete"]),
        [6005] = ("datastore", ["", "read", "update", "connect", "query", "write", "create", "delete", "list", "encrypt", "decrypt"]),
        [6006] = ("file", ["", "upload", "download", "update", "delete", "rename", "copy", "move", "restore", "preview", "lock", "unlock", "share", "unshare", "open", "sync", "unsync", "access-check"]),
    };

    /// <returns>The entry, or what is wrong with which field.</returns>
    public static (LedgerEntry? Entry, string? Wrong) Read(JsonElement json, string tenant, long nowUnixNano)
    {
        if (json.ValueKind != JsonValueKind.Object) return (null, "expected an object");
        return json.TryGetProperty("class_uid", out JsonElement classId) ? ReadOcsf(json, classId, tenant, nowUnixNano) : ReadOwn(json, tenant, nowUnixNano);
    }

    private static (LedgerEntry?, string?) ReadOwn(JsonElement json, string tenant, long now)
    {
        if (Text(json, "action") is not { Length: > 0 } action) return (null, "action: say what was done, noun first, such as invoice.delete");
        if (Text(json, "resource") is not { Length: > 0 } resource) return (null, "resource: say what it was done to");
        if (Text(json, "actor") is not { Length: > 0 } actor) return (null, "actor: say who did it");
        string outcome = Text(json, "outcome") ?? "done";
        if (outcome is not ("done" or "refused" or "failed")) return (null, "outcome: expected done, refused or failed");
        if (!TryTime(json, "timeUnixNano", 1, now, out long time)) return (null, "timeUnixNano: expected nanoseconds since 1970, as a number or a text");
        string? trace = Text(json, "traceId");
        if (trace is not null && !Batches.TraceId.TryParse(trace, out _)) return (null, "traceId: expected 32 hexadecimal digits");
        JsonElement? detail = json.TryGetProperty("detail", out JsonElement value) ? value : null;
        return (new LedgerEntry(time, tenant, new Actor(EntryRedaction.External, actor, Text(json, "address"), Text(json, "session")), action, resource, outcome, trace?.ToLowerInvariant(), detail), null);
    }

    private static (LedgerEntry?, string?) ReadOcsf(JsonElement json, JsonElement classId, string tenant, long now)
    {
        if (!classId.TryGetInt32(out int id) || !Classes.TryGetValue(id, out var known))
            return (null, $"class_uid: expected one of {string.Join(", ", Classes.Keys.Order())}");
        int activity = json.TryGetProperty("activity_id", out JsonElement a) && a.TryGetInt32(out int number) ? number : 0;
        string action = $"{known.Noun}.{(activity > 0 && activity < known.Acts.Length ? known.Acts[activity] : "other")}";
        string? actor = At(json, "actor", "user", "name") ?? At(json, "actor", "user", "uid") ?? At(json, "user", "name") ?? At(json, "user", "uid") ?? At(json, "actor", "app_name") ?? At(json, "actor", "invoked_by");
        if (actor is null) return (null, "actor: OCSF wants one of user, app_name, invoked_by");
        if (!TryTime(json, "time", 1_000_000, now, out long time)) return (null, "time: expected milliseconds since 1970");
        string resource = At(json, "entity", "name") ?? At(json, "entity", "uid") ?? At(json, "api", "operation") ?? At(json, "file", "name") ?? At(json, "table", "name")
            ?? At(json, "database", "name") ?? At(json, "databucket", "name") ?? At(json, "service", "name") ?? At(json, "dst_endpoint", "name") ?? Text(json, "message") ?? known.Noun;
        string outcome = json.TryGetProperty("status_id", out JsonElement status) && status.TryGetInt32(out int s) && s == 2 ? "failed" : "done";
        string? trace = At(json, "trace", "uid");
        return (new LedgerEntry(time, tenant, new Actor(EntryRedaction.External, actor, At(json, "src_endpoint", "ip") ?? At(json, "src_endpoint", "hostname"), At(json, "actor", "session", "uid") ?? At(json, "session", "uid")),
            action, resource, outcome, trace is not null && Batches.TraceId.TryParse(trace, out _) ? trace.ToLowerInvariant() : null, json), null);
    }

    /// <summary>The person whom the event is about, when its sender wants that part to be forgettable.</summary>
    public static string? AboutOf(JsonElement json) => json.ValueKind == JsonValueKind.Object ? Text(json, "about") ?? At(json, "unmapped", "about") : null;

    private static bool TryTime(JsonElement json, string name, long scale, long now, out long unixNano)
    {
        unixNano = now;
        if (!json.TryGetProperty(name, out JsonElement time)) return true;
        bool read = time.ValueKind == JsonValueKind.Number ? time.TryGetInt64(out long number)
            : long.TryParse(time.ValueKind == JsonValueKind.String ? time.GetString() : null, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        if (!read || number <= 0 || number > long.MaxValue / scale) return false;
        unixNano = number * scale;
        return true;
    }

    private static string? At(JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (string name in path[..^1])
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json)) return null;
        return json.ValueKind == JsonValueKind.Object ? Text(json, path[^1]) : null;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= TextMax } text ? text : null;
}
