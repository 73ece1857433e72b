using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Query;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Tempo;

internal sealed record TempoTagNames(IReadOnlyList<string> TagNames, TempoMetrics Metrics);

internal sealed record TempoTagScopes(IReadOnlyList<TempoTagScope> Scopes, TempoMetrics Metrics);

internal sealed record TempoTagScope(string Name, IReadOnlyList<string> Tags);

internal sealed record TempoTagTexts(IReadOnlyList<string> TagValues, TempoMetrics Metrics);

internal sealed record TempoTagValues(IReadOnlyList<TempoTagValue> TagValues, TempoMetrics Metrics);

/// <param name="Type">string, int, float, bool, duration or keyword.</param>
internal sealed record TempoTagValue(string Type, string Value);

/// <summary>Names and values to choose from, for the query builder.</summary>
internal static class TempoTags
{
    private const int NamesMax = 10_000, ValuesDefault = 5_000, ValuesMax = 10_000;
    private static readonly string[] Scopes = ["resource", "span", "event", "link", "instrumentation", "intrinsic"];
    private static readonly TempoMetrics NoMetrics = new(0, "0");

    public static void MapTempoTags(this IEndpointRouteBuilder tempo)
    {
        tempo.MapGet("/api/search/tags", async (HttpContext http, AttributeCatalog catalog, TimeProvider clock) =>
        {
            if (await ReadNames(http, catalog, clock) is { } scopes) await TempoEndpoints.Answer(http, new TempoTagNames([.. scopes.SelectMany(scope => scope.Tags).Distinct()], NoMetrics));
        });
        tempo.MapGet("/api/v2/search/tags", async (HttpContext http, AttributeCatalog catalog, TimeProvider clock) =>
        {
            if (await ReadNames(http, catalog, clock) is { } scopes) await TempoEndpoints.Answer(http, new TempoTagScopes(scopes, NoMetrics));
        });
        tempo.MapGet("/api/search/tag/{tag}/values", async (HttpContext http, string tag, AttributeValues values, TimeProvider clock) =>
        {
            string name = Uri.UnescapeDataString(tag);
            FieldReference field = Intrinsics.TryFind(Dialect.Traces, name, out Intrinsic intrinsic) ? new IntrinsicReference(intrinsic) : new AttributeReference(AttributeScope.Any, name);
            await ReadValues(http, field, null, values, clock, found => new TempoTagTexts([.. found.Select(value => value.Value).Distinct()], NoMetrics));
        });
        tempo.MapGet("/api/v2/search/tag/{tag}/values", Values2);
    }

    private static async Task<List<TempoTagScope>?> ReadNames(HttpContext http, AttributeCatalog catalog, TimeProvider clock)
    {
        string? scope = TempoTime.One(http, "scope");
        if (scope is not (null or "none" or "all") && !Scopes.Contains(scope))
        {
            await Problems.BadRequest(http, "scope", $"'{Problems.Shorten(scope)}' is no scope: send one of {string.Join(", ", Scopes)}.");
            return null;
        }
        if (TempoTime.Read(http, clock, wholeSeconds: true, out TimeRange range) is { } badTime)
        {
            await Problems.BadRequest(http, badTime.Parameter, badTime.Message);
            return null;
        }
        if (Problems.ReadInt(http, "limit", 0, NamesMax, NamesMax, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return null;
        }
        AttributeListing listing = await catalog.List(http.Tenant(), range, scope is "none" or "all" ? null : scope, "", NamesMax, http.RequestAborted);
        return [.. listing.Attributes.GroupBy(attribute => attribute.Scope).OrderBy(of => Array.IndexOf(Scopes, of.Key))
            .Select(of => new TempoTagScope(of.Key, [.. of.Select(attribute => attribute.Key).Distinct().Order(StringComparer.Ordinal).Take(limit == 0 ? NamesMax : limit)]))];
    }

    private static async Task Values2(HttpContext http, string tag, AttributeValues values, TimeProvider clock)
    {
        // Grafana encodes it twice.
        string text = Uri.UnescapeDataString(tag);
        if (!TraceQl.TryField(text, out FieldReference? field))
        {
            await Problems.BadRequest(http, "tag", $"'{Problems.Shorten(text)}' is no field: send one such as resource.service.name, span.http.route, .foo, name, status.");
            return;
        }
        await ReadValues(http, field, HalfQuery.Read(TempoTime.One(http, "q")), values, clock, found => new TempoTagValues(found, NoMetrics));
    }

    private static async Task ReadValues<T>(HttpContext http, FieldReference field, Pipeline? filter, AttributeValues values, TimeProvider clock, Func<IReadOnlyList<TempoTagValue>, T> answer)
    {
        if (TempoTime.Read(http, clock, wholeSeconds: true, out TimeRange range) is { } badTime)
        {
            await Problems.BadRequest(http, badTime.Parameter, badTime.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 0, ValuesMax, ValuesDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        await SearchEndpoints.Answer(http, async () =>
        {
            var found = new List<SeenValue>();
            foreach (FieldReference one in Scoped(field)) found.AddRange(await List(new ValueRequest(http.Tenant(), one, range, "", filter, limit == 0 ? ValuesDefault : limit), values, http.RequestAborted));
            return answer([.. found.Select(value => new TempoTagValue(value.Type, Text(value.Value))).Distinct()]);
        }, TempoEndpoints.Json);
    }

    private static async Task<IReadOnlyList<SeenValue>> List(ValueRequest request, AttributeValues values, CancellationToken cancel)
    {
        ValueListing listing = await values.List(request, cancel);
        // A filter that is not for this is left out, as the values of a half-typed one are.
        if (request.Filter is not null && listing.Reasons.Any(reason => reason.Reason == "unsupported")) listing = await values.List(request with { Filter = null }, cancel);
        return listing.Values;
    }

    /// <summary>Of an attribute without a scope, what resources and spans have: those the catalog knows.</summary>
    private static FieldReference[] Scoped(FieldReference field) => field is AttributeReference { Scope: AttributeScope.Any } any
        ? [any with { Scope = AttributeScope.Resource }, any with { Scope = AttributeScope.Span }]
        : [field];

    private static string Text(object value) => value switch { bool flag => flag ? "true" : "false", _ => Convert.ToString(value, CultureInfo.InvariantCulture)! };
}
