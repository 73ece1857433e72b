using System.Text;
using Microsoft.AspNetCore.Http;
using Waybill.Batches;
using Waybill.Engine;
using Waybill.Query;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Logs;

/// <summary>Which log records are asked for. All that is given must hold; the time is given with each question.</summary>
public sealed record LogSelection(string Tenant)
{
    public BodyWords Words { get; init; } = BodyWords.None;
    public TraceId? Trace { get; init; }
    public SpanId? Span { get; init; }
    public string? Service { get; init; }
    /// <summary>Lowest OTLP SeverityNumber; 0 asks for all, those of unknown severity too.</summary>
    public int SeverityMin { get; init; }
    public ulong? Resource { get; init; }
    /// <summary>A condition in SQL, with what it binds; made from a filter of the query language.</summary>
    public (string Sql, IReadOnlyList<KeyValuePair<string, string>> Bound)? Condition { get; init; }

    /// <summary>Reads the parameters that all of <c>/api/logs</c> take.</summary>
    /// <returns>The answer that says what is wrong, being written; null when nothing is.</returns>
    internal static Task? Read(HttpContext http, out LogSelection selection)
    {
        string? filter = http.Request.Query["q"];
        if (ReadFields(http, out selection) is { } bad) return Problems.BadRequest(http, bad.Parameter, bad.Message);
        if (string.IsNullOrWhiteSpace(filter)) return null;
        var parsed = LogFilter.Parse(filter);
        if (!parsed.IsValid) return QueryProblem.Write(http, parsed);
        var parameters = new SqlParameters();
        if (LogConditionSql.Of(parsed.Query, parameters) is not { } condition)
            return Problems.BadRequest(http, "q", "Log records are filtered by fields compared with constants. Take fields compared with each other, and arithmetic, out of it.");
        selection = selection with { Condition = (condition, parameters.Bound) };
        return null;
    }

    private static (string Parameter, string Message)? ReadFields(HttpContext http, out LogSelection selection)
    {
        var query = http.Request.Query;
        string? trace = query["trace"], span = query["span"], service = query["service"], severity = query["severity"];
        selection = new LogSelection(http.Tenant());
        if (BodyWords.Parse(query["text"], out BodyWords words) is { } badText) return ("text", badText);
        TraceId traceId = default;
        SpanId spanId = default;
        int lowest = 0;
        if (!string.IsNullOrEmpty(trace) && !TraceId.TryParse(trace, out traceId)) return ("trace", $"'{Problems.Shorten(trace)}' is not a trace id: send 32 hexadecimal digits.");
        if (!string.IsNullOrEmpty(span) && !SpanId.TryParse(span, out spanId)) return ("span", $"'{Problems.Shorten(span)}' is not a span id: send 16 hexadecimal digits.");
        if (!string.IsNullOrEmpty(severity) && !Severity.TryParse(severity, out lowest))
            return ("severity", $"'{Problems.Shorten(severity)}' is not a severity: send trace, debug, info, warn, error or fatal, or a number from 1 to 24.");
        selection = selection with
        {
            Words = words, Trace = traceId.IsZero ? null : traceId, Span = spanId.IsZero ? null : spanId, Service = string.IsNullOrEmpty(service) ? null : service, SeverityMin = lowest,
        };
        return null;
    }

    /// <summary>The condition of a statement over <c>logs</c>: tenant, time and all that is asked.</summary>
    internal string Where(TimeRange range, List<KeyValuePair<string, string>> parameters)
    {
        var sql = new StringBuilder("tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}");
        parameters.Add(EngineParameter.String("tenant", Tenant));
        parameters.Add(EngineParameter.UnixNanoseconds("since", range.SinceUnixNano));
        parameters.Add(EngineParameter.UnixNanoseconds("until", range.UntilUnixNano));
        Add("service = {service:String}", Service is { } service ? EngineParameter.String("service", service) : null);
        Add("severity >= {severity:Int32}", SeverityMin > 0 ? EngineParameter.Int("severity", SeverityMin) : null);
        Add("trace_id = unhex({trace:String})", Trace is { } trace ? EngineParameter.String("trace", trace.ToString()) : null);
        Add("span_id = unhex({span:String})", Span is { } span ? EngineParameter.String("span", span.ToString()) : null);
        Add("resource_id = {resource:UInt64}", Resource is { } resource ? EngineParameter.UInt("resource", resource) : null);
        if (Condition is { } condition)
        {
            sql.Append(" AND (").Append(condition.Sql).Append(')');
            parameters.AddRange(condition.Bound);
        }
        Words.AddTo(sql, parameters);
        return sql.ToString();

        void Add(string condition, KeyValuePair<string, string>? value)
        {
            if (value is not { } bound) return;
            sql.Append(" AND ").Append(condition);
            parameters.Add(bound);
        }
    }
}
