using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Catalogs;

/// <summary>Every service that was seen or is in the catalog, by name.</summary>
/// <param name="UnownedCount">Services that were seen and that nobody owns.</param>
public sealed record CatalogListing(
    IReadOnlyList<CatalogEntry> Services, int UnownedCount, IReadOnlyList<CatalogSource> Files, IReadOnlyList<CatalogProblem> Problems,
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons);

public static class CatalogEndpoints
{
    private const long Day = 24 * 3600 * 1_000_000_000L;


    public static void AddCatalog(this IServiceCollection services)
    {
        services.AddOptions<CatalogOptions>().BindConfiguration("Catalog").ValidateOnStart();
        services.AddSingleton<IValidateOptions<CatalogOptions>, CatalogOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<CatalogOptions>>().Value);
        services.AddSingleton<Catalog>();
        services.AddHostedService<CatalogLoop>();
        services.AddSingleton<SeenServiceTable>();
    }

    public static void MapCatalog(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/catalog", List).On(Listener.Console).Needs(Permission.CatalogRead)
            .WithSummary("Every service that was seen or is in the catalog: who owns it, how critical it is, whom to call, what to read")
            .WithDescription("A service that the catalog does not know is 'unowned'. Files with problems keep what they said before. Without since: the last 24 hours before until.")
            .WithTimeRange()
            .Produces<CatalogListing>();
        app.MapGet("/api/catalog/{service}", Find).On(Listener.Console).Needs(Permission.CatalogRead)
            .WithSummary("Who owns one service")
            .WithPath("service", "Its service.name.")
            .WithTimeRange()
            .Produces<CatalogEntry>();
    }

    private static async Task List(HttpContext http, Catalog catalog, SeenServiceTable table, TimeProvider clock)
    {
        if (await ReadRange(http, clock) is not { } range) return;
        var seen = await table.Read(http.Tenant(), range, http.RequestAborted);
        CatalogSnapshot current = catalog.Current;
        List<CatalogEntry> services = [.. seen.Keys.Union(current.Services.Keys, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).Select(service => Entry(current, service, seen))];
        int unowned = services.Count(service => service.Owner == CatalogEntry.Unowned);
        await http.Response.WriteAsJsonAsync(new CatalogListing(services, unowned, current.Files, current.Problems, "complete", []), ApiJson.WithoutNulls, http.RequestAborted);
    }

    private static async Task Find(HttpContext http, string service, Catalog catalog, SeenServiceTable table, TimeProvider clock)
    {
        if (await ReadRange(http, clock) is not { } range) return;
        CatalogEntry entry = Entry(catalog.Current, service, await table.Read(http.Tenant(), range, http.RequestAborted));
        if (entry.Seen || entry.Component is not null) await http.Response.WriteAsJsonAsync(entry, ApiJson.WithoutNulls, http.RequestAborted);
        else await Problems.NotFound(http, $"No service '{Problems.Shorten(service)}' was seen in the range, and the catalog does not know it. GET /api/catalog lists those there are.");
    }

    private static CatalogEntry Entry(CatalogSnapshot current, string service, IReadOnlyDictionary<string, long> seen)
    {
        CatalogEntry entry = current.Services.GetValueOrDefault(service) ?? new CatalogEntry(service, CatalogEntry.Unowned);
        return seen.TryGetValue(entry.Service, out long last) ? entry with { Seen = true, LastSeenUnixNano = $"{last}" } : entry;
    }

    private static async Task<TimeRange?> ReadRange(HttpContext http, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return null;
        }
        return string.IsNullOrEmpty(http.Request.Query["since"]) ? range with { SinceUnixNano = range.UntilUnixNano - Day } : range;
    }
}
