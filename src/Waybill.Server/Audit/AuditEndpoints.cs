using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Audit;

/// <summary>An entry of the ledger, as one who investigates reads it.</summary>
/// <param name="Genuine">Whether the row still fits the hash it was stored with; <c>waybill audit verify</c> proves more.</param>
/// <param name="Sealed">Resource and detail are kept under a key of the person they are about.</param>
/// <param name="Erased">That key is gone: resource and detail are forgotten, the proof that the entry was there is not.</param>
/// <param name="Detail">Any JSON.</param>
public sealed record AuditEntry(
    long Number, string TimeUnixNano, string Action, string? Resource, [property: AllowedValues("done", "refused", "failed")] string Outcome, Actor Actor, bool Genuine, bool Sealed, bool Erased,
    string? TraceId = null, JsonElement? Detail = null);

/// <param name="NextCursor">Asks for the page after this one; null on the last.</param>
public sealed record AuditListing([property: AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<AuditEntry> Entries, string? NextCursor);

/// <summary>Where one looks for what was done and seen, by whom.</summary>
public static class AuditEndpoints
{
    private const int ListDefault = 100, ListMax = 1_000;
    private static readonly string[] Kinds = ["user", "token", "agent", "system", EntryRedaction.External];

    public static void AddAudit(this IServiceCollection services)
    {
        services.AddOptions<AuditOptions>().BindConfiguration("Audit").ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuditOptions>, AuditOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AuditOptions>>().Value);
        services.AddSingleton<AuditLogs>();
        services.AddSingleton<ActivityTable>();
        services.AddSingleton<Suspicions>();
        services.AddSingleton<ActorStory>();
        services.AddSingleton<SyslogLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<SyslogLoop>());
        services.AddSingleton<MetricSource>(provider => text => provider.GetRequiredService<SyslogLoop>().WriteMetrics(text));
    }

    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        app.MapAuditEvents();
        app.MapInvestigation();
        app.MapExport();
        app.MapPersonErasure();
        app.MapGet("/api/audit", List).On(Listener.Console).Needs(Permission.LedgerRead)
            .WithSummary("What was done and seen, by whom, newest first")
            .WithDescription("Names are found as one knows them, also where they were hashed before they were written down.")
            .WithTimeRange()
            .WithText("actor", "Who did it: the name of a user, a token, or whom another system named.")
            .WithText("action", "What was done: traces.read, or traces for all acts on traces.")
            .WithText("resource", "What it was done to, exactly; a person's name finds what is sealed about them.")
            .WithText("address", "Where the request came from.")
            .WithText("session", "The sign-in it belongs to.")
            .WithText("trace", "The trace it belongs to or concerns: 32 hexadecimal digits.")
            .WithText("outcome", "done, refused or failed.")
            .WithText("kind", $"Acts of one kind of actor: {string.Join(", ", Kinds)}.")
            .WithText("cursor", "nextCursor of the page before.")
            .WithNumber("limit", "Entries on a page.", 1, ListMax, ListDefault)
            .Produces<AuditListing>();
    }

    private static async Task List(HttpContext http, LedgerTable table, EntryRedaction redaction, SubjectKeys keys, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, ListMax, ListDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        if (ReadFilter(http.Request.Query, redaction, keys, out LedgerFilter filter) is { } wrong)
        {
            await Problems.BadRequest(http, wrong.Parameter, wrong.Message);
            return;
        }
        if (http.Request.Query["resource"].ToString() is { Length: > 0 } person && keys.Has(person)) NotedReads.Conceal(http, person, LedgerTable.SealedBy(keys.KeyOf(person)));
        List<StoredEntry> found = await table.Read(http.Tenant(), range, filter, limit + 1, http.RequestAborted);
        bool more = found.Count > limit;
        if (more) found.RemoveAt(limit);
        await http.Response.WriteAsJsonAsync(
            new AuditListing("complete", [], [.. found.Select(entry => View(entry, keys))], more ? found[^1].Number.ToString(CultureInfo.InvariantCulture) : null), http.RequestAborted);
    }

    /// <returns>The parameter that is wrong and why, or null.</returns>
    private static (string Parameter, string Message)? ReadFilter(IQueryCollection query, EntryRedaction redaction, SubjectKeys keys, out LedgerFilter filter)
    {
        ulong before = 0;
        string? cursor = Text("cursor"), trace = Text("trace")?.ToLowerInvariant(), outcome = Text("outcome"), kind = Text("kind");
        filter = new LedgerFilter();
        if (cursor is not null && !ulong.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return ("cursor", "Send the nextCursor of the page before, as it is.");
        if (outcome is not (null or "done" or "refused" or "failed")) return ("outcome", "Expected done, refused or failed.");
        if (kind is not null && !Kinds.Contains(kind)) return ("kind", $"Expected one of {string.Join(", ", Kinds)}.");
        if (trace is not null && !Batches.TraceId.TryParse(trace, out _)) return ("trace", "Expected 32 hexadecimal digits.");
        string? resource = Text("resource");
        filter = new LedgerFilter(
            Spellings(Text("actor"), "actor"), Text("action"), resource is null ? null : [.. Spellings(resource, "resource")!, LedgerTable.SealedBy(keys.KeyOf(resource))],
            Text("address"), Text("session"), trace, outcome, kind, cursor is null ? null : before);
        return null;

        string? Text(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;
        string[]? Spellings(string? name, string key) => name is null ? null : [.. new[] { name, redaction.Text(name, key) }.Distinct()];
    }

    internal static AuditEntry View(StoredEntry stored, SubjectKeys keys)
    {
        LedgerEntry entry = stored.Entry;
        bool isSealed = entry.Sealed is not null;
        LedgerEntry? open = keys.Open(entry);
        return new AuditEntry((long)stored.Number, entry.TimeUnixNano.ToString(CultureInfo.InvariantCulture), entry.Action, open?.Resource, entry.Outcome, entry.Actor, stored.IsGenuine,
            isSealed, open is null, entry.TraceId, open?.Detail);
    }
}
