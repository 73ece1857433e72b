using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Encryption;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Ledger;

/// <summary>The state of the ledger.</summary>
/// <param name="Size">Entries under the newest checkpoint.</param>
/// <param name="Rows">Entries that can be searched.</param>
/// <param name="Lost">Reads that were answered and not written down since the disk failed; 0 while it works.</param>
/// <param name="Key">The public key; keep a copy elsewhere, and nobody can forge a ledger for you.</param>
/// <param name="Checkpoint">The newest, signed; keep copies elsewhere, and nobody can put an old ledger back.</param>
public sealed record LedgerState(string Origin, long Size, long Rows, long Lost, string Root, string Key, string Checkpoint, IReadOnlyList<WitnessState> Witnesses);

public static class LedgerEndpoints
{
    public static void AddLedger(this IServiceCollection services)
    {
        services.AddOptions<LedgerOptions>().BindConfiguration("Ledger")
            .Validate(options => options.Witnesses.All(text => KnownWitness.Parse(text) is not null), "Ledger:Witnesses: each is a URL, a space and the witness's key, as GET /witness/key of a Waybill shows it.")
            .Validate(options => options.WitnessedLogs.All(text => NoteKey.TryParse(text, out _)), "Ledger:WitnessedLogs: each is a ledger's public key, name+id+base64, as GET /api/ledger shows it.")
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<LedgerOptions>, LedgerOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<LedgerOptions>>().Value);
        services.AddSingleton(provider =>
        {
            LedgerOptions options = provider.GetRequiredService<LedgerOptions>();
            string data = provider.GetRequiredService<StorageOptions>().Directory;
            return LedgerKey.Load(options.KeyPath ?? Path.Combine(data, "keys", "ledger.key"), options.Origin);
        });
        services.AddSingleton(provider => LedgerLog.Open(Path.Combine(provider.GetRequiredService<StorageOptions>().Directory, "ledger"), provider.GetRequiredService<NoteSigner>(), provider.GetRequiredService<DataAtRest>().SealerFor("ledger")));
        services.AddSingleton(provider => new SubjectKeys(Path.Combine(provider.GetRequiredService<StorageOptions>().Directory, "keys", "subjects")));
        services.AddSingleton<EntryRedaction>();
        services.AddSingleton(provider => new Witness(Path.Combine(provider.GetRequiredService<StorageOptions>().Directory, "witness"), provider.GetRequiredService<LedgerOptions>().WitnessName,
            provider.GetRequiredService<LedgerOptions>().WitnessedLogs.Select(text => NoteKey.TryParse(text, out NoteKey? key) ? key! : throw new InvalidOperationException(text)), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WitnessLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<WitnessLoop>());
        services.AddSingleton<LedgerTable>();
        services.AddSingleton<LedgerLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerLoop>());
        services.AddSingleton<Acts>();
        services.AddSingleton<NotedReads>();
        services.AddHostedService(provider => provider.GetRequiredService<NotedReads>());   // behind the loop that it writes to, so that it stops before
        services.AddSingleton<LedgerRowsLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerRowsLoop>());
    }

    public static void MapLedger(this IEndpointRouteBuilder app)
    {
        app.MapWitness();
        app.MapGet("/api/ledger", (NoteSigner signer, LedgerLog log, LedgerLoop loop, LedgerRowsLoop rows, WitnessLoop witnesses) =>
        {
            LedgerHead head = log.Head;
            return TypedResults.Ok(new LedgerState(signer.Key.Name, head.Size, rows.Rows, loop.Lost, head.Root.ToString(), signer.Key.ToString(), head.Note, witnesses.States));
        }).On(Listener.Console).Needs(Permission.LedgerRead).NotNoted().WithSummary("The ledger's size, root, key and newest signed checkpoint");

        app.MapGet("/api/ledger/entries/{number}/proof", ProveEntry).On(Listener.Console).Needs(Permission.LedgerRead).NotNoted()
            .WithSummary("Proof that the ledger contains an entry (C2SP tlog-proof), for checking without this server").WithPath("number", "The entry's number.")
            .AnswersWith("text/plain", "The proof: index, hashes and the signed checkpoint.");

        app.MapGet("/ledger/checkpoint", (LedgerLog log) => TypedResults.Text(log.Head.Note)).On(Listener.Console).Needs(Permission.LedgerRead).OverAllTenants().NotNoted()
            .WithSummary("The newest checkpoint (C2SP tlog-tiles)").AnswersWith("text/plain", "A signed note.");
        // A path of any depth has no place in the API's document; C2SP tlog-tiles describes it.
        app.MapGet("/ledger/tile/{*path}", ReadTile).On(Listener.Console).Needs(Permission.LedgerRead).OverAllTenants().ReadAs("ledger.read", "path").ExcludeFromDescription();
    }

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
        if (!TileFiles.IsTile(path) || !File.Exists(Path.Combine(log.Files.Directory, "tile", path)))
        {
            await Problems.NotFound(http, "There is no such tile. See /ledger/checkpoint for the size.");
            return;
        }
        http.Response.ContentType = "application/octet-stream";
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        await http.Response.Body.WriteAsync(log.Files.Read($"tile/{path}"), http.RequestAborted);
    }
}
