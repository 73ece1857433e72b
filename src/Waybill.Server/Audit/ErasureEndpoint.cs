using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Audit;

/// <param name="Subject">The person: what was sent as <c>about</c>.</param>
public sealed record PersonToForget(string? Subject);

/// <param name="Erased">False when there was nothing of the person's to forget.</param>
/// <param name="Number">The entry that says that it was done; null when it was not.</param>
public sealed record ForgottenPerson(bool Erased, long? Number);

/// <summary>Forgets what audit events say about a person: erases the key under which it is sealed. Every proof stays valid.</summary>
internal static class ErasureEndpoint
{
    public static void MapPersonErasure(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/audit/erasures", Forget).On(Listener.Console).Needs(Permission.AccessManage).NotNoted()   // an act of its own; a read would write the name down
            .WithSummary("Erases the key of a person's sealed entries: what they say about the person can never be read again, and every proof stays valid")
            .Accepts<PersonToForget>("application/json").Produces<ForgottenPerson>();

    private static async Task Forget(HttpContext http, SubjectKeys keys, Acts acts)
    {
        PersonToForget? asked;
        try
        {
            asked = await JsonSerializer.DeserializeAsync<PersonToForget>(http.Request.Body, JsonSerializerOptions.Web, http.RequestAborted);
        }
        catch (JsonException)
        {
            asked = null;
        }
        if (asked?.Subject is not { Length: > 0 and <= 1_000 } subject)
        {
            await Problems.BadRequest(http, "subject", "Send {\"subject\":\"customer/42\"}: what the events were sent with as about.");
            return;
        }
        if (!keys.Has(subject))
        {
            await http.Response.WriteAsJsonAsync(new ForgottenPerson(false, null), http.RequestAborted);
            return;
        }
        // The entry names the key, not the person.
        long number = await acts.Record(http, "person.erase", LedgerTable.SealedBy(keys.KeyOf(subject)));
        keys.Erase(subject);
        await http.Response.WriteAsJsonAsync(new ForgottenPerson(true, number), http.RequestAborted);
    }
}
