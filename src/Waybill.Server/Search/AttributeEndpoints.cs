using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Query;
using Waybill.Query.Syntax;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>What can be asked for: for completion, and to get to know strange data.</summary>
internal static class AttributeEndpoints
{
    private const int KeysDefault = 500, KeysMax = 10_000, ValuesDefault = 100, ValuesMax = 10_000;
    private static readonly string[] Scopes = ["span", "resource", "event", "link", "instrumentation", "intrinsic"];

    public static void MapAttributes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/attributes", ListKeys).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Attributes that were seen, with their types, about how many values they have, and when they were seen last")
            .WithText("scope", "span, resource, event, link, instrumentation or intrinsic; all when missing.").WithText("prefix", "How the key begins.")
            .WithTimeRange().WithNumber("limit", "Attributes at most.", 1, KeysMax, KeysDefault)
            .Produces<AttributeListing>();
        app.MapGet("/api/attributes/{scope}/{key}/values", ListValues).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Values of one attribute, for completion")
            .WithPath("scope", "span, resource, event, link, instrumentation or intrinsic.").WithPath("key", "The attribute's name, percent-encoded; of an intrinsic its name in TraceQL.")
            .WithText("prefix", "How the value begins.").WithText("q", "A TraceQL filter: only values of spans that it finds, with how many have them.")
            .WithTimeRange().WithNumber("limit", "Values at most.", 1, ValuesMax, ValuesDefault)
            .Produces<ValueListing>();
    }

    private static async Task ListKeys(HttpContext http, AttributeCatalog catalog, TimeProvider clock)
    {
        string? scope = http.Request.Query["scope"];
        if (!string.IsNullOrEmpty(scope) && !Scopes.Contains(scope))
        {
            await Problems.BadRequest(http, "scope", $"'{Problems.Shorten(scope)}' is no scope: send one of {string.Join(", ", Scopes)}.");
            return;
        }
        if (TimeRange.Read(http, clock, out TimeRange range) is { } badRange)
        {
            await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, KeysMax, KeysDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        await http.Response.WriteAsJsonAsync(await catalog.List(http.Tenant(), range, string.IsNullOrEmpty(scope) ? null : scope, http.Request.Query["prefix"].ToString(), limit, http.RequestAborted), http.RequestAborted);
    }

    private static async Task ListValues(HttpContext http, string scope, string key, AttributeValues values, TimeProvider clock)
    {
        if (Field(scope, Uri.UnescapeDataString(key)) is not { } field)
        {
            await Problems.BadRequest(http, "scope", $"There is no {Problems.Shorten(scope)} {Problems.Shorten(key)}: scopes are {string.Join(", ", Scopes)}, and an intrinsic is named as in TraceQL.");
            return;
        }
        if (TimeRange.Read(http, clock, out TimeRange range) is { } badRange)
        {
            await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, ValuesMax, ValuesDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        Pipeline? filter = null;
        if (http.Request.Query["q"].ToString() is { Length: > 0 } text && text != "{}")
        {
            QueryResult<TraceQuery> parsed = TraceQl.Parse(text);
            if (!parsed.IsValid)
            {
                await QueryProblem.Write(http, parsed);
                return;
            }
            if (parsed.Query is not SearchQuery search)
            {
                await Problems.BadRequest(http, "q", "A filter is wanted, not a metrics query.");
                return;
            }
            filter = search.Pipeline;
        }
        await SearchEndpoints.Answer(http, () => values.List(new ValueRequest(http.Tenant(), field, range, http.Request.Query["prefix"].ToString(), filter, limit), http.RequestAborted));
    }

    private static FieldReference? Field(string scope, string key) => scope switch
    {
        "span" => new AttributeReference(AttributeScope.Span, key),
        "resource" => new AttributeReference(AttributeScope.Resource, key),
        "event" => new AttributeReference(AttributeScope.Event, key),
        "link" => new AttributeReference(AttributeScope.Link, key),
        "instrumentation" => new AttributeReference(AttributeScope.Instrumentation, key),
        "intrinsic" when Intrinsics.TryFind(Dialect.Traces, key, out Intrinsic intrinsic) => new IntrinsicReference(intrinsic),
        _ => null,
    };
}
