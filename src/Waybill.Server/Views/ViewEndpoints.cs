using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Views;

/// <summary>Views of the console that are saved under a name, for oneself or for everybody of the tenant.</summary>
public static class ViewEndpoints
{
    public static void AddViews(this IServiceCollection services) => services.AddSingleton(provider => new ViewsFile(provider.GetRequiredService<StorageOptions>().Directory));

    public static void MapViews(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/views", List).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("Saved views: one's own and those that are shared in the tenant, by name").Produces<ViewListing>();
        app.MapPost("/api/views", Save).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("Saves an address of the console under a name; one's own view of that name is replaced").Accepts<NewView>("application/json").Produces<ShownView>();
        app.MapDelete("/api/views/{id}", Delete).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("Deletes a view of one's own; any with access.manage").WithPath("id", "Its id, as view-0123456789.").Produces(StatusCodes.Status204NoContent);
    }

    private static ViewListing List(HttpContext http, ViewsFile file) =>
        new([.. file.Read().Where(view => view.IsSeenBy(http.Tenant(), Me(http))).OrderBy(view => view.Name, StringComparer.OrdinalIgnoreCase).Select(view => Shown(view, http))], "complete", []);

    private static async Task Save(HttpContext http, ViewsFile file, EntryRedaction redaction, Acts acts, TimeProvider clock)
    {
        if (await AccessBodies.Read<NewView>(http) is not { } wanted) return;
        if (View.Wrong(wanted.Name, wanted.Address) is { } wrong)
        {
            await Problems.BadRequest(http, wrong.Parameter, wrong.Message);
            return;
        }
        string name = redaction.Text(wanted.Name.Trim(), "name"), address = Redacted(wanted.Address, redaction), tenant = http.Tenant(), me = Me(http);
        var view = new View($"view-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}", tenant, name, address, me, wanted.Shared, clock.GetUtcNow().ToUnixTimeSeconds());
        await acts.Record(http, "view.save", view.Id, detail: new { view.Name, view.Address, view.Shared });
        if (!file.Change(views => [.. views.Where(old => old.Tenant != tenant || old.Owner != me || old.Name != name), view]))
        {
            await Problems.TooMuch(http, $"There are {ViewsFile.ViewsMax} saved views. Delete some first.");
            return;
        }
        await http.Response.WriteAsJsonAsync(Shown(view, http), http.RequestAborted);
    }

    private static async Task Delete(HttpContext http, string id, ViewsFile file, Acts acts)
    {
        if (file.Read().FirstOrDefault(view => view.Id == id && view.IsSeenBy(http.Tenant(), Me(http))) is not { } found)
        {
            await Problems.NotFound(http, "There is no such view. It may be deleted already.");
            return;
        }
        if (found.Owner != Me(http) && !http.Identity().Has(Permission.AccessManage))
        {
            await AccessRefusal.Missing(Permission.AccessManage, http.Identity()).Write(http);
            return;
        }
        await acts.Record(http, "view.delete", found.Id, detail: new { found.Name, found.Owner });
        file.Change(views => [.. views.Where(view => view.Id != id)]);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Whoever saves a view. A token that has the name of a user is not him: names of users have no space.</summary>
    private static string Me(HttpContext http) => http.Actor() is { Kind: "user" or "system" } actor ? actor.Id : $"{http.Actor().Kind} {http.Actor().Id}";

    private static ShownView Shown(View view, HttpContext http) =>
        new(view.Id, view.Name, view.Address, view.Owner, view.Shared, view.Owner == Me(http), $"{view.SavedUnixSeconds}000000000");

    /// <summary>What people search for may be what must not be kept: each value passes redaction as it reads, not as an address writes it.</summary>
    private static string Redacted(string address, EntryRedaction redaction)
    {
        int query = address.IndexOf('?', StringComparison.Ordinal);
        if (query < 0) return address;
        var kept = new QueryBuilder();
        foreach (var (key, values) in QueryHelpers.ParseQuery(address[query..]))
            foreach (string? value in values) kept.Add(key, redaction.Text(value ?? "", key));
        return address[..query] + kept;
    }
}
