using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Logs;

public static class LogEndpoints
{
    private const int PageDefault = 100, PageMax = 1_000, AroundDefault = 20, AroundMax = 500, BucketsDefault = 60, BucketsMax = 1_000;
    private const long Day = 86_400_000_000_000;

    public static void AddLogs(this IServiceCollection services)
    {
        services.AddSingleton<LogTable>();
        services.AddSingleton<LogPages>();
        services.AddSingleton<LogTail>();
    }

    public static void MapLogs(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/logs", List).On(Listener.Console).Needs(Permission.LogsRead).WithinScope()
            .WithSummary("Log records that have all that is asked, page by page")
            .WithSelection().WithTimeRange()
            .WithChoice("order", "Which come first.", "newest", "oldest")
            .WithNumber("limit", "Records of a page.", 1, PageMax, PageDefault)
            .WithText("cursor", "nextCursor of the page before. It carries the range: since and until are not read then.")
            .Produces<LogListing>();
        app.MapGet("/api/logs/context", Context).On(Listener.Console).Needs(Permission.LogsRead).WithinScope()
            .WithSummary("The records around one, oldest first")
            .WithText("id", "The record, as logs[].id names it.", required: true)
            .WithNumber("before", "Records before it.", 0, AroundMax, AroundDefault)
            .WithNumber("after", "Records after it.", 0, AroundMax, AroundDefault)
            .WithChoice("within", "Whose records: of the same process or device, of the same service, or of the same trace.", "resource", "service", "trace")
            .Produces<LogContext>();
        app.MapGet("/api/logs/histogram", Histogram).On(Listener.Console).Needs(Permission.LogsRead).WithinScope()
            .WithSummary("Counts of log records over time, by severity; weighted")
            .WithSelection().WithTimeRange()
            .WithText("step", "Length of a bucket, such as 30s; at most 1000 buckets. Default: about 60 buckets.")
            .Produces<LogHistogram>();
        app.MapGet("/api/logs/tail", Tail).On(Listener.Console).Needs(Permission.LogsRead).WithinScope()
            .WithSummary("Log records as they arrive")
            .WithDescription("Events: log (a record of /api/logs with resourceAttributes), skipped (count and message, when more match than are shown), ended (message: who reads may do so no more), comments as heartbeat. " +
                "Resumes by Last-Event-ID; records of the last seconds may come again, their id tells.")
            .WithSelection()
            .AnswersWith("text/event-stream", "Server-sent events.");
    }

    private static T WithSelection<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint
        .WithText("q", "A filter of the query language over log fields: { severity >= warn && service = \"cart\" && .user.id = \"u1\" }.")
        .WithText("text", "Words the body contains, in any case; \"a phrase\", -word for what it must not contain.")
        .WithText("trace", "Trace id.")
        .WithText("span", "Span id.")
        .WithText("service", "Service, whole name.")
        .WithText("severity", "At least so severe: trace, debug, info, warn, error or fatal, or a number from 1 to 24.");

    private static async Task List(HttpContext http, LogPages pages, OriginTable origins, TimeProvider clock)
    {
        string? cursorText = http.Request.Query["cursor"], order = http.Request.Query["order"];
        LogCursor from = default;
        if (LogSelection.Read(http, out LogSelection selection) is { } answered) await answered;
        else if (order is not (null or "" or "newest" or "oldest")) await Problems.BadRequest(http, "order", "Expected newest or oldest.");
        else if (Problems.ReadInt(http, "limit", 1, PageMax, PageDefault, out int limit) is { } badLimit) await Problems.BadRequest(http, "limit", badLimit);
        else if (!string.IsNullOrEmpty(cursorText) && !LogCursor.TryParse(cursorText, out from)) await Problems.BadRequest(http, "cursor", "It is none that this server gave. Send nextCursor of the page before, as it is.");
        else if (string.IsNullOrEmpty(cursorText) && ReadStart(http, clock, order != "oldest", out from) is { } badRange) await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
        else
        {
            LogPage page = await pages.Read(selection, from, order != "oldest", limit, http.RequestAborted);
            await using var json = Begin(http);
            json.WriteStartObject();
            json.WriteString("sinceUnixNano"u8, page.Range.SinceUnixNano.ToString(CultureInfo.InvariantCulture));
            json.WriteString("untilUnixNano"u8, page.Range.UntilUnixNano.ToString(CultureInfo.InvariantCulture));
            await new LogListingJson(origins).Write(json, selection.Tenant, page.Rows, page.Reasons, http.RequestAborted);
            json.WriteString("nextCursor"u8, page.Next?.ToString());
            json.WriteEndObject();
            await json.FlushAsync(http.RequestAborted);
        }
    }

    private static (string Parameter, string Message)? ReadStart(HttpContext http, TimeProvider clock, bool newestFirst, out LogCursor from)
    {
        var bad = TimeRange.Read(http, clock, out TimeRange range);
        from = new LogCursor(range, newestFirst ? range.UntilUnixNano : range.SinceUnixNano, 0);
        return bad;
    }

    private static async Task Context(HttpContext http, LogTable logs, LogPages pages, OriginTable origins)
    {
        string? within = http.Request.Query["within"];
        if (!LogId.TryParse(http.Request.Query["id"], out LogId id)) await Problems.BadRequest(http, "id", "It is no record's id. Send logs[].id of an answer of /api/logs.");
        else if (Problems.ReadInt(http, "before", 0, AroundMax, AroundDefault, out int before) is { } badBefore) await Problems.BadRequest(http, "before", badBefore);
        else if (Problems.ReadInt(http, "after", 0, AroundMax, AroundDefault, out int after) is { } badAfter) await Problems.BadRequest(http, "after", badAfter);
        else if (within is not (null or "" or "resource" or "service" or "trace")) await Problems.BadRequest(http, "within", "Expected resource, service or trace.");
        else if (await logs.Find(http.Tenant(), id, http.RequestAborted) is not { } record) await Problems.NotFound(http, $"No log record {id} is stored.");
        else if (within == "trace" && record.Trace.IsZero) await Problems.BadRequest(http, "within", "The record names no trace. Ask for within=resource or within=service.");
        else
        {
            var selection = new LogSelection(http.Tenant()) { Service = record.Service };
            if (within is null or "" or "resource") selection = selection with { Resource = record.Resource };
            if (within == "trace") selection = selection with { Service = null, Trace = record.Trace };
            var earlier = pages.Read(selection, Start(id.UnixNano - Day, id.UnixNano, newestFirst: true), true, Math.Max(before, 1), http.RequestAborted);
            var later = await pages.Read(selection, Start(id.UnixNano, id.UnixNano + Day, newestFirst: false), false, after + 1, http.RequestAborted);
            List<LogRow> rows = [.. (await earlier).Rows.Take(before).Reverse(), .. later.Rows];
            int position = rows.FindIndex(row => row.Id == id);
            if (position < 0)   // more records of its very time than were asked for stand before it
            {
                position = rows.Count;
                rows.Add(record);
            }
            await using var json = Begin(http);
            json.WriteStartObject();
            await new LogListingJson(origins).Write(json, selection.Tenant, rows, [], http.RequestAborted);
            json.WriteNumber("position"u8, position);
            json.WriteEndObject();
            await json.FlushAsync(http.RequestAborted);
        }
    }

    private static LogCursor Start(long since, long until, bool newestFirst) => new(new TimeRange(Math.Max(0, since), until), newestFirst ? until : since, 0);

    private static async Task Histogram(HttpContext http, LogTable logs, LogPages pages, TimeProvider clock)
    {
        if (LogSelection.Read(http, out LogSelection selection) is { } answered) await answered;
        else if (TimeRange.Read(http, clock, out TimeRange range) is { } badRange) await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
        else if (Steps.Read(http, range, BucketsDefault, BucketsMax, out long step) is { } badStep) await Problems.BadRequest(http, "step", badStep);
        else
        {
            long first = range.SinceUnixNano / step * step;
            int buckets = (int)((range.UntilUnixNano - first + step - 1) / step);
            var series = new SortedDictionary<string, double[]>(StringComparer.Ordinal);
            foreach (var (bucket, severity, count) in await logs.Count(selection, range, first, step, secondsMax: 10, http.RequestAborted))
            {
                if (!series.TryGetValue(severity, out double[]? counts)) series[severity] = counts = new double[buckets];
                counts[bucket] += count;
            }
            IReadOnlyList<PartialReason> reasons = pages.Behind(range) is { } behind ? [behind] : [];
            var histogram = new LogHistogram(reasons.Count == 0 ? "complete" : "partial", reasons, Text(range.SinceUnixNano), Text(range.UntilUnixNano), step, Weighted: true,
                series.Values.Sum(counts => counts.Sum()), [.. Enumerable.Range(0, buckets).Select(i => Text(first + i * step))], [.. series.Select(pair => new LogCounts(pair.Key, pair.Value))]);
            await http.Response.WriteAsJsonAsync(histogram, http.RequestAborted);
        }
    }

    private static async Task Tail(HttpContext http, LogTail tail)
    {
        if (LogSelection.Read(http, out LogSelection selection) is { } answered) await answered;
        else if (!await tail.Follow(http, selection, http.Request.Headers["Last-Event-ID"])) await Problems.TooMany(http, "As many tails are open as may be. Close one, or try again in a minute.");
    }

    private static Utf8JsonWriter Begin(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        return new Utf8JsonWriter(http.Response.BodyWriter, StoredAttributes.Relaxed);
    }

    private static string Text(long unixNano) => unixNano.ToString(CultureInfo.InvariantCulture);
}
