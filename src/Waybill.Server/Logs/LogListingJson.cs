using System.Globalization;
using System.Text.Json;
using Waybill.Traces;

namespace Waybill.Logs;

/// <summary>Writes records and who sent them as JSON, straight from the engine's blocks.</summary>
internal sealed class LogListingJson(OriginTable origins)
{
    /// <summary>Members <c>status</c> to <c>logs</c> of an open object.</summary>
    public async Task Write(Utf8JsonWriter json, string tenant, IReadOnlyList<LogRow> rows, IReadOnlyList<PartialReason> reasons, CancellationToken cancel)
    {
        var resources = await origins.Resources(tenant, rows.Select(row => row.Resource).Distinct(), cancel);
        var scopes = await origins.Scopes(tenant, rows.Select(row => row.Scope).Distinct(), cancel);
        json.WriteString("status"u8, reasons.Count == 0 ? "complete" : "partial");
        json.WriteStartArray("reasons"u8);
        foreach (PartialReason reason in reasons)
        {
            json.WriteStartObject();
            json.WriteString("reason"u8, reason.Reason);
            json.WriteString("detail"u8, reason.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteOrigins(json, "resources"u8, resources.Values, isScope: false);
        WriteOrigins(json, "scopes"u8, scopes.Values, isScope: true);
        json.WriteStartArray("logs"u8);
        foreach (LogRow row in rows)
        {
            json.WriteStartObject();
            WriteLine(json, row);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>The members of one record.</summary>
    public static void WriteLine(Utf8JsonWriter json, LogRow row)
    {
        json.WriteString("id"u8, row.Id.ToString());
        LogJson.WriteTime(json, "timeUnixNano"u8, row.UnixNano);
        if (!row.Trace.IsZero) json.WriteString("traceId"u8, row.Trace.ToString());
        json.WriteString("resource"u8, row.Resource.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteString("scope"u8, row.Scope.ToString("x16", CultureInfo.InvariantCulture));
        LogJson.WriteFields(json, row.Block, row.Row);
    }

    private static void WriteOrigins(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<Origin> origins, bool isScope)
    {
        json.WriteStartObject(name);
        foreach (Origin origin in origins)
        {
            json.WriteStartObject(origin.Id.ToString("x16", CultureInfo.InvariantCulture));
            json.WriteString(isScope ? "name"u8 : "service"u8, origin.Name);
            if (isScope) json.WriteString("version"u8, origin.Version);
            json.WritePropertyName("attributes"u8);
            json.WriteRawValue(origin.AttributesJson, skipInputValidation: true);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
