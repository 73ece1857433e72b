using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Jaeger;

/// <summary>A search as Jaeger's clients ask for it; null members of a wrong one.</summary>
internal sealed record JaegerQuery(SearchQuery Query, TimeRange Range, int Limit)
{
    /// <summary>As many as Jaeger's own UI can ask for.</summary>
    private const int LimitDefault = 100, LimitMax = 1_500;
    private const long LookbackNano = 2 * 86_400_000_000_000, MicrosecondsMax = long.MaxValue / 1_000;

    /// <summary>Reads the parameters of <c>GET /api/traces</c>: times in microseconds.</summary>
    /// <returns>The parameter that is wrong and why, or null.</returns>
    public static (string Parameter, string Message)? Read(HttpContext http, TimeProvider clock, out JaegerQuery query)
    {
        query = null!;
        if (One(http, "service") is not { } service) return ("service", "Send the service whose traces are wanted, or traceID.");
        if (ReadRange(http, clock, out TimeRange range) is { } badRange) return badRange;
        var filter = new TagFilter();
        filter.AddService(service);
        if (One(http, "operation") is { } operation) filter.AddName(operation);
        foreach (string? tag in http.Request.Query["tag"])
        {
            int colon = tag?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon <= 0) return ("tag", $"'{Problems.Shorten(tag ?? "")}' is not key:value.");
            if (!filter.AddTag(tag![..colon], tag[(colon + 1)..])) return ("tag", TagFilter.Full);
        }
        foreach (string? tags in http.Request.Query["tags"])
            if (AddTags(filter, tags ?? "") is { } bad) return ("tags", bad);
        return Finish(http, filter, range, "minDuration", "maxDuration", "limit", out query);
    }

    /// <summary>Reads the parameters of <c>GET /api/v3/traces</c>, under their names of today or of before: times in RFC 3339.</summary>
    public static (string Parameter, string Message)? Read3(HttpContext http, out JaegerQuery query)
    {
        query = null!;
        if (ReadTime3(http, out long since, "query.startTimeMin", "query.start_time_min") is { } badSince) return badSince;
        if (ReadTime3(http, out long until, "query.startTimeMax", "query.start_time_max") is { } badUntil) return badUntil;
        if (since >= until) return ("query.startTimeMin", "It must lie before query.startTimeMax.");
        var filter = new TagFilter();
        if (One(http, "query.serviceName", "query.service_name") is { } service) filter.AddService(service);
        if (One(http, "query.operationName", "query.operation_name") is { } operation) filter.AddName(operation);
        if (One(http, "query.attributes") is { } attributes && AddTags(filter, attributes) is { } bad) return ("query.attributes", bad);
        return Finish(http, filter, new TimeRange(since, until), Name(http, "query.durationMin", "query.duration_min"), Name(http, "query.durationMax", "query.duration_max"),
            Name(http, "query.searchDepth", "query.search_depth", "query.num_traces"), out query);
    }

    /// <summary>Reads an optional RFC 3339 time.</summary>
    public static (string Parameter, string Message)? CheckTime3(HttpContext http, params string[] names) => One(http, names) is null ? null : ReadTime3(http, out _, names);

    /// <summary>Reads <c>start</c> and <c>end</c>, microseconds; else the last two days, or <c>lookback</c>.</summary>
    public static (string Parameter, string Message)? ReadRange(HttpContext http, TimeProvider clock, out TimeRange range)
    {
        range = default;
        long until = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000 + 1, length = LookbackNano;
        if (One(http, "end") is { } end && !TryMicroseconds(end, out until)) return ("end", Wrong(end));
        if (One(http, "lookback") is { } lookback && lookback != "custom" && (!TimeRange.TryParseDuration(lookback, out length) || length <= 0))
            return ("lookback", $"'{Problems.Shorten(lookback)}' is not a duration: send one such as 1h, 2d.");
        long since = until - length;
        if (One(http, "start") is { } start && !TryMicroseconds(start, out since)) return ("start", Wrong(start));
        if (since >= until) return ("start", "start must lie before end.");
        range = new TimeRange(since, until);
        return null;
    }

    private static (string Parameter, string Message)? Finish(HttpContext http, TagFilter filter, TimeRange range, string shortest, string longest, string limitName, out JaegerQuery query)
    {
        query = null!;
        foreach (var (parameter, comparison) in ((string, Operator)[])[(shortest, Operator.GreaterOrEqual), (longest, Operator.LessOrEqual)])
            if (One(http, parameter) is { } duration && !filter.AddDuration(comparison, duration)) return (parameter, $"'{Problems.Shorten(duration)}' is not a duration: send one such as 1.2s, 100ms.");
        if (Problems.ReadInt(http, limitName, 1, LimitMax, LimitDefault, out int limit) is { } badLimit) return (limitName, badLimit);
        query = new JaegerQuery(filter.ToQuery(), range, limit);
        return null;
    }

    /// <summary>Adds the members of a JSON object of texts.</summary>
    private static string? AddTags(TagFilter filter, string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return "Expected a JSON object such as {\"http.status_code\":\"500\"}.";
            foreach (JsonProperty tag in document.RootElement.EnumerateObject())
            {
                if (tag.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null) return $"The value of {Problems.Shorten(tag.Name)} must be a text.";
                if (!filter.AddTag(tag.Name, tag.Value.ToString() is var text && tag.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? text.ToLowerInvariant() : text)) return TagFilter.Full;
            }
            return null;
        }
        catch (JsonException e)
        {
            return $"It is no JSON from position {(e.BytePositionInLine ?? 0).ToString(CultureInfo.InvariantCulture)} on: expected an object such as {{\"http.status_code\":\"500\"}}.";
        }
    }

    private static (string Parameter, string Message)? ReadTime3(HttpContext http, out long unixNano, params string[] names)
    {
        unixNano = 0;
        if (One(http, names) is not { } text) return (names[0], "It is required: a time in RFC 3339, such as 2026-11-22T10:00:00Z.");
        // Grafana sends the zone's plus sign as it is, and so it arrives as a space.
        if (text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) && time.Year is >= 1970 and <= 2261)
        {
            unixNano = (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
            return null;
        }
        return (Name(http, names), $"'{Problems.Shorten(text)}' is not a time in RFC 3339, such as 2026-11-22T10:00:00Z.");
    }

    private static bool TryMicroseconds(string text, out long unixNano)
    {
        bool isTime = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds <= MicrosecondsMax;
        unixNano = isTime ? microseconds * 1_000 : 0;
        return isTime;
    }

    private static string Wrong(string text) => $"'{Problems.Shorten(text)}' is not a time: send microseconds since 1970.";

    /// <summary>The one of a parameter's names that is there; else the first.</summary>
    private static string Name(HttpContext http, params string[] names) => Array.Find(names, name => http.Request.Query.ContainsKey(name)) ?? names[0];

    internal static string? One(HttpContext http, params string[] names) => http.Request.Query[Name(http, names)] is [{ Length: > 0 } text, ..] ? text : null;
}
