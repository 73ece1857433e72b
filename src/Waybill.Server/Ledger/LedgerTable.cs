using System.Globalization;
using System.Text;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Ledger;

/// <summary>What listed entries must have; null asks for nothing, several texts for any of them.</summary>
/// <param name="Action">One act, or a noun for all acts on it.</param>
/// <param name="Before">Only entries with a smaller number: where the last page ended.</param>
public sealed record LedgerFilter(
    string[]? Actors = null, string? Action = null, string[]? Resources = null, string? Address = null, string? Session = null, string? TraceId = null, string? Outcome = null, string? Kind = null, ulong? Before = null);

/// <summary>An entry as it was found.</summary>
/// <param name="Number">Its index in the ledger.</param>
/// <param name="IsGenuine">Whether the row still has the hash it was stored with. The ledger's files decide, not the row: see <c>waybill audit verify</c>.</param>
public sealed record StoredEntry(ulong Number, LedgerEntry Entry, bool IsGenuine);

/// <summary>The ledger's rows in the engine. INSERT and SELECT only.</summary>
public sealed class LedgerTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10 };

    private static readonly byte[][] Headers =
    [
        BlockFormat.ColumnHeader("tenant", "String"), BlockFormat.ColumnHeader("number", "UInt64"), BlockFormat.ColumnHeader("time", "DateTime64(9, 'UTC')"),
        BlockFormat.ColumnHeader("act", "String"), BlockFormat.ColumnHeader("subject", "String"), BlockFormat.ColumnHeader("outcome", "String"),
        BlockFormat.ColumnHeader("actor_kind", "String"), BlockFormat.ColumnHeader("actor", "String"), BlockFormat.ColumnHeader("address", "String"),
        BlockFormat.ColumnHeader("session", "String"), BlockFormat.ColumnHeader("trace_id", "String"), BlockFormat.ColumnHeader("entry", "String"),
        BlockFormat.ColumnHeader("digest", "FixedString(32)"),
    ];

    /// <summary>Stores entries once, however often it is repeated with the same ones.</summary>
    /// <param name="first">The number of the first; the others follow it.</param>
    public Task Insert(long first, IReadOnlyList<byte[]> entries, CancellationToken cancel)
    {
        // Entries are our own; one that cannot be read (a later version's) is still kept, under no act.
        LedgerEntry[] parsed = [.. entries.Select(bytes => LedgerEntry.Parse(bytes) ?? new LedgerEntry(0, "", Actor.System, "", ""))];
        var block = new ByteBuffer(64 * 1024);
        block.WriteBlockHeader(Headers.Length, entries.Count);
        int column = 0;
        Texts(entry => entry.Tenant);
        block.Write(Headers[column++]);
        for (int i = 0; i < parsed.Length; i++) block.WriteUInt64((ulong)(first + i));
        block.Write(Headers[column++]);
        foreach (LedgerEntry entry in parsed) block.WriteUInt64((ulong)entry.TimeUnixNano);
        Texts(entry => entry.Action);
        Texts(ResourceOf);
        Texts(entry => entry.Outcome);
        Texts(entry => entry.Actor.Kind);
        Texts(entry => entry.Actor.Id);
        Texts(entry => entry.Actor.Address);
        Texts(entry => entry.Actor.Session);
        Texts(entry => entry.TraceId);
        block.Write(Headers[column++]);
        foreach (byte[] entry in entries) block.WriteText(entry);
        block.Write(Headers[column++]);
        foreach (byte[] entry in entries) block.Write(Digest.OfLeaf(entry).ToArray());
        return engine.Insert("ledger", $"ledger/{first}/{entries.Count}", async (body, stop) => await body.WriteAsync(block.Memory, stop), cancel);

        void Texts(Func<LedgerEntry, string?> of)
        {
            block.Write(Headers[column++]);
            foreach (LedgerEntry entry in parsed) block.WriteText(Encoding.UTF8.GetBytes(of(entry) ?? ""));
        }
    }

    /// <summary>The column that a resource is searched by: of a sealed entry it names the person's key.</summary>
    public static string SealedBy(string key) => $"sealed:{key}";

    private static string ResourceOf(LedgerEntry entry) => entry.Sealed is { } part ? SealedBy(part.Key) : entry.Resource;

    /// <summary>Entries that are rows: the number after the highest.</summary>
    public async Task<long> Count(CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("SELECT if(count() = 0, toUInt64(0), max(number) + 1) AS next FROM ledger", settings: Settings, cancel: cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block ? block["next"].GetInt64(0) : 0;
    }

    /// <summary>Newest first.</summary>
    public async Task<List<StoredEntry>> Read(string tenant, TimeRange range, LedgerFilter filter, int limit, CancellationToken cancel)
    {
        var sql = new StringBuilder("SELECT number, entry, digest FROM ledger WHERE tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}");
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
            EngineParameter.Int("limit", limit),
        ];
        Any("actor", filter.Actors);
        Any("subject", filter.Resources);
        Equal("address", filter.Address);
        Equal("session", filter.Session);
        Equal("trace_id", filter.TraceId);
        Equal("outcome", filter.Outcome);
        Equal("actor_kind", filter.Kind);
        if (filter.Action is { } action)
        {
            // A noun stands for all of its acts: token is token.create and token.revoke.
            sql.Append(" AND (act = {act:String} OR startsWith(act, concat({act:String}, '.')))");
            parameters.Add(EngineParameter.String("act", action));
        }
        if (filter.Before is { } before)
        {
            sql.Append(" AND number < {before:UInt64}");
            parameters.Add(EngineParameter.UInt("before", before));
        }
        sql.Append(" ORDER BY number DESC LIMIT {limit:UInt32}");

        await using EngineResponse response = await engine.Query(sql.ToString(), parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var found = new List<StoredEntry>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                ReadOnlySpan<byte> entry = block["entry"].GetBytes(row);
                if (LedgerEntry.Parse(entry) is { } parsed)
                    found.Add(new StoredEntry(block["number"].GetUInt64(row), parsed, Digest.OfLeaf(entry) == new Digest(block["digest"].GetBytes(row))));
            }
        return found;

        void Any(string column, string[]? values)
        {
            if (values is null) return;
            sql.Append(CultureInfo.InvariantCulture, $" AND {column} IN {{{column}:Array(String)}}");
            parameters.Add(EngineParameter.Strings(column, values));
        }

        void Equal(string column, string? value)
        {
            if (value is null) return;
            sql.Append(CultureInfo.InvariantCulture, $" AND {column} = {{{column}:String}}");
            parameters.Add(EngineParameter.String(column, value));
        }
    }
}
