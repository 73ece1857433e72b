using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Ledger;

/// <summary>An entry of the ledger.</summary>
/// <param name="Genuine">Whether the row still fits the hash it was stored with; <c>waybill audit verify</c> proves more.</param>
/// <param name="Detail">Any JSON.</param>
public sealed record LedgerEntryView(
    long Number, string TimeUnixNano, string Act, string Subject, [property: AllowedValues("done", "refused", "failed")] string Outcome, Actor Actor, bool Genuine,
    string? TraceId = null, JsonElement? Detail = null);

/// <param name="Next">Send it as <c>before</c> for older entries; absent at the end.</param>
public sealed record LedgerListing(IReadOnlyList<LedgerEntryView> Entries, [property: AllowedValues("complete", "partial")] string Status, string? Next = null);

/// <summary>The state of the ledger.</summary>
/// <param name="Size">Entries under the newest checkpoint.</param>
/// <param name="Rows">Entries that can be searched.</param>
/// <param name="Key">The public key; keep a copy elsewhere, and nobody can forge a ledger for you.</param>
/// <param name="Checkpoint">The newest, signed; keep copies elsewhere, and nobody can put an old ledger back.</param>
public sealed record LedgerState(string Origin, long Size, long Rows, string Root, string Key, string Checkpoint);

public static class LedgerEndpoints
{
    private const int ListDefault = 100, ListMax = 1_000;

    public static void AddLedger(this IServiceCollection services)
    {
        services.AddOptions<LedgerOptions>().BindConfiguration("Ledger").ValidateOnStart();
        services.AddSingleton<IValidateOptions<LedgerOptions>, LedgerOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<LedgerOptions>>().Value);
        services.AddSingleton(provider =>
        {
            LedgerOptions options = provider.GetRequiredService<LedgerOptions>();
            string data = provider.GetRequiredService<StorageOptions>().Directory;
            return LedgerKey.Load(options.KeyPath ?? Path.Combine(data, "keys", "ledger.key"), options.Origin);
        });
        services.AddSingleton(provider => LedgerLog.Open(Path.Combine(provider.GetRequiredService<StorageOptions>().Directory, "ledger"), provider.GetRequiredService<NoteSigner>()));
        services.AddSingleton<LedgerTable>();
        services.AddSingleton<LedgerLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerLoop>());
        services.AddSingleton<LedgerRowsLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerRowsLoop>());
    }

    public static void MapLedger(this IEndpointRouteBuilder app)
    {
        app.MapAudit();
        app.MapGet("/api/ledger", (NoteSigner signer, LedgerLog log, LedgerRowsLoop rows) =>
        {
            LedgerHead head = log.Head;
            return TypedResults.Ok(new LedgerState(signer.Key.Name, head.Size, rows.Rows, head.Root.ToString(), signer.Key.ToString(), head.Note));
        }).On(Listener.Console).Needs(Permission.LedgerRead).WithSummary("The ledger's size, root, key and newest signed checkpoint");

        app.MapGet("/api/ledger/entries", ListEntries).On(Listener.Console).Needs(Permission.LedgerRead)
            .WithSummary("What was done and seen, by whom, newest first").WithTimeRange()
            .WithText("actor", "Who did it: the name of a user or token.").WithText("act", "What was done: trace.read, or trace for all acts on traces.")
            .WithText("subject", "What it was done to, exactly.").WithText("address", "Where the request came from.").WithText("session", "The sign-in it belongs to.")
            .WithText("trace", "The trace it belongs to or concerns: 32 hexadecimal digits.").WithText("outcome", "done, refused or failed.")
            .WithText("before", "Only entries with a smaller number: next of the page before.").WithNumber("limit", "Entries at most.", 1, ListMax, ListDefault)
            .Produces<LedgerListing>();

        app.MapGet("/api/ledger/entries/{number}/proof", ProveEntry).On(Listener.Console).Needs(Permission.LedgerRead)
            .WithSummary("Proof that the ledger contains an entry (C2SP tlog-proof), for checking without this server").WithPath("number", "The entry's number.")
            .AnswersWith("text/plain", "The proof: index, hashes and the signed checkpoint.");

        app.MapGet("/ledger/checkpoint", (LedgerLog log) => TypedResults.Text(log.Head.Note)).On(Listener.Console).Needs(Permission.LedgerRead).OverAllTenants()
            .WithSummary("The newest checkpoint (C2SP tlog-tiles)").AnswersWith("text/plain", "A signed note.");
        // A path of any depth has no place in the API's document; C2SP tlog-tiles describes it.
        app.MapGet("/ledger/tile/{*path}", ReadTile).On(Listener.Console).Needs(Permission.LedgerRead).OverAllTenants().ExcludeFromDescription();
    }

    private static async Task ListEntries(HttpContext http, LedgerTable table, TimeProvider clock)
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
        ulong? before = null;
        if (Text("before") is { } text)
        {
            if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            {
                await Problems.BadRequest(http, "before", $"'{Problems.Shorten(text)}' is not an entry's number: send next of the page before.");
                return;
            }
            before = number;
        }
        if (Text("outcome") is not (null or "done" or "refused" or "failed"))
        {
            await Problems.BadRequest(http, "outcome", "Expected done, refused or failed.");
            return;
        }
        var filter = new LedgerFilter(Text("actor"), Text("act"), Text("subject"), Text("address"), Text("session"), Text("trace")?.ToLowerInvariant(), Text("outcome"), before);
        List<StoredEntry> found = await table.Read(http.Tenant(), range, filter, limit + 1, http.RequestAborted);
        bool more = found.Count > limit;
        if (more) found.RemoveAt(limit);
        await http.Response.WriteAsJsonAsync(
            new LedgerListing([.. found.Select(View)], more ? "partial" : "complete", more ? found[^1].Number.ToString(CultureInfo.InvariantCulture) : null), http.RequestAborted);

        string? Text(string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
    }

    private static LedgerEntryView View(StoredEntry stored) => new(
        (long)stored.Number, stored.Entry.TimeUnixNano.ToString(CultureInfo.InvariantCulture), stored.Entry.Act, stored.Entry.Subject, stored.Entry.Outcome, stored.Entry.Actor,
        stored.IsGenuine, stored.Entry.TraceId, stored.Entry.Detail);

    private static async Task ProveEntry(HttpContext http, string number, LedgerLog log)
    {
        LedgerHead head = log.Head;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long index) || index >= head.Size)
        {
            await Problems.NotFound(http, $"The ledger has {head.Size} entries, numbered from 0; there is no '{Problems.Shorten(number)}'.");
            return;
        }
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(new InclusionProof(index, new MerkleTree(head.Size, log.Files.ReadHashes).ProveInclusion(index), head.Note).ToString(), http.RequestAborted);
    }

    private static async Task ReadTile(HttpContext http, string path, LedgerLog log)
    {
        string? file = TileFiles.IsTile(path) ? Path.Combine(log.Files.Directory, "tile", path) : null;
        if (file is null || !File.Exists(file))
        {
            await Problems.NotFound(http, "There is no such tile. See /ledger/checkpoint for the size.");
            return;
        }
        http.Response.ContentType = "application/octet-stream";
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        await http.Response.SendFileAsync(file, http.RequestAborted);
    }
}
