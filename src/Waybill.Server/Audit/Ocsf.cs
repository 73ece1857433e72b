using System.Globalization;
using System.Text.Json;
using Waybill.Ledger;

namespace Waybill.Audit;

/// <summary>An entry as an OCSF 1.8 event: Authentication (3002) for who gets in and out, API Activity (6003) for everything else.</summary>
/// <remarks>What is sealed stays here: a copy elsewhere could not be forgotten.</remarks>
internal static class Ocsf
{
    private const int Authentication = 3002, ApiActivity = 6003, OtherActivity = 99;
    private static readonly string Version = typeof(Ocsf).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static void Write(Utf8JsonWriter json, string origin, long number, LedgerEntry entry)
    {
        bool isSignIn = entry.Action.StartsWith("authentication.", StringComparison.Ordinal) || entry.Action is "user.sign-in" or "user.sign-out";
        int classId = isSignIn ? Authentication : ApiActivity, activity = isSignIn ? SignInActivity(entry.Action) : Activity(entry.Action);
        json.WriteStartObject();
        json.WriteNumber("class_uid", classId);
        json.WriteNumber("category_uid", classId / 1000);
        json.WriteNumber("activity_id", activity);
        json.WriteNumber("type_uid", classId * 100 + activity);
        json.WriteString("activity_name", entry.Action);
        json.WriteNumber("severity_id", entry.Outcome == "done" ? 1 : 2);
        json.WriteNumber("status_id", entry.Outcome == "done" ? 1 : 2);
        json.WriteString("status_detail", entry.Outcome);
        json.WriteNumber("time", entry.TimeUnixNano / 1_000_000);
        WriteMetadata(json, origin, number, entry);
        WriteActor(json, entry.Actor);
        json.WriteStartObject("src_endpoint");
        json.WriteString(System.Net.IPAddress.TryParse(entry.Actor.Address, out _) ? "ip" : "name", entry.Actor.Address ?? "unknown");
        json.WriteEndObject();
        if (isSignIn)
        {
            json.WriteStartObject("user");
            json.WriteString("name", entry.Actor.Id);
            json.WriteEndObject();
            json.WriteStartObject("service");
            json.WriteString("name", entry.Actor.Kind == EntryRedaction.External && entry.Resource.Length > 0 ? entry.Resource : "Waybill");
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartObject("api");
            json.WriteString("operation", entry.Action);
            json.WriteEndObject();
            json.WriteStartArray("resources");
            json.WriteStartObject();
            json.WriteString("name", entry.Sealed is { } part ? LedgerTable.SealedBy(part.Key) : entry.Resource);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        WriteUnmapped(json, entry);
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, string origin, long number, LedgerEntry entry)
    {
        json.WriteStartObject("metadata");
        json.WriteString("version", "1.8.0");
        json.WriteStartObject("product");
        json.WriteString("name", "Waybill");
        json.WriteString("vendor_name", "Waybill");
        json.WriteString("version", Version);
        json.WriteEndObject();
        json.WriteString("uid", string.Create(CultureInfo.InvariantCulture, $"{origin}/{number}"));
        json.WriteNumber("sequence", number);
        json.WriteString("log_name", origin);
        if (entry.Tenant.Length > 0) json.WriteString("tenant_uid", entry.Tenant);
        if (entry.TraceId is { } trace) json.WriteString("correlation_uid", trace);
        json.WriteEndObject();
    }

    private static void WriteActor(Utf8JsonWriter json, Actor actor)
    {
        json.WriteStartObject("actor");
        if (actor.Kind == "system") json.WriteString("app_name", actor.Id);
        else
        {
            json.WriteStartObject("user");
            json.WriteString("name", actor.Id);
            json.WriteEndObject();
        }
        if (actor.Session is { } session)
        {
            json.WriteStartObject("session");
            json.WriteString("uid", session);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteUnmapped(Utf8JsonWriter json, LedgerEntry entry)
    {
        json.WriteStartObject("unmapped");
        json.WriteString("actor_kind", entry.Actor.Kind);
        json.WriteBoolean("sealed", entry.Sealed is not null);
        if (entry.Detail is { } detail)
        {
            json.WritePropertyName("detail");
            detail.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private static int SignInActivity(string action) => action[(action.LastIndexOf('.') + 1)..] switch { "sign-in" or "logon" => 1, "sign-out" or "logoff" => 2, "ticket" => 3, _ => OtherActivity };

    private static int Activity(string action) => action[(action.LastIndexOf('.') + 1)..] switch
    {
        "create" or "add" or "post" => 1,
        "read" or "export" or "list" => 2,
        "update" or "change" or "load" or "put" => 3,
        "delete" or "erase" or "revoke" or "remove" => 4,
        _ => OtherActivity,
    };
}
