using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Evaluation;
using Waybill.Traces;

namespace Waybill.Search;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;

/// <summary>A trace as the search reads it: all its stored spans, with the fields that the query mentions.</summary>
/// <param name="IsCut">There were more spans than may be held; the rest was left out.</param>
internal sealed record WholeTrace(TraceId Id, Trace Trace, IReadOnlyDictionary<TraceSpan, string> Services, bool IsCut)
{
    public string ServiceOf(TraceSpan span) => Services[span];
}

/// <summary>A trace that may have matched spans, and the start of the newest of them.</summary>
internal readonly record struct Candidate(TraceId Id, long At)
{
    /// <summary>Reads an answer with the columns <c>trace_id</c> and <c>at</c>.</summary>
    public static async Task<List<Candidate>> ReadAll(EngineResponse response, CancellationToken cancel)
    {
        using var reader = new BlockReader(response.Body);
        var found = new List<Candidate>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) found.Add(new(new TraceId(block["trace_id"].GetBytes(row)), block["at"].GetInt64(row)));
        return found;
    }
}

/// <summary>Reads traces whole, many at a time.</summary>
internal sealed class WholeTraces(EngineClient engine, OriginTable origins)
{
    private const long Second = 1_000_000_000, Minute = 60 * Second;

    /// <summary>More minutes than this are read as one stretch.</summary>
    private const int MinutesMax = 2_000;

    /// <summary>Reads the candidates' spans, in their order.</summary>
    /// <param name="columns">A list of columns, as <see cref="QueryFields.Columns"/>.</param>
    /// <param name="spansMax">Rows at most; a single trace with more comes cut.</param>
    public async Task<IReadOnlyList<WholeTrace>> Read(string tenant, IReadOnlyList<Candidate> candidates, QueryFields fields, int spansMax, EngineSettings settings, CancellationToken cancel)
    {
        if (candidates.Count == 0) return [];
        KeyValuePair<string, string> ids = EngineParameter.Strings("ids", candidates.Select(candidate => candidate.Id.ToString()));
        List<long> minutes = await FindMinutes(tenant, candidates, ids, settings, cancel);
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", tenant), ids, EngineParameter.UnixNanoseconds("first", minutes[0] * Minute), EngineParameter.UnixNanoseconds("end", (minutes[^1] + 1) * Minute),
            EngineParameter.Int("limit", spansMax + 1L), EngineParameter.Ints("minutes", minutes.Count > MinutesMax ? [] : minutes.Select(minute => minute * 60)),
        ];
        await using EngineResponse response = await engine.Query($"""
            SELECT {fields.Columns} FROM spans
            WHERE tenant = {"{tenant:String}"} AND start >= {"{first:DateTime64(9, 'UTC')}"} AND start < {"{end:DateTime64(9, 'UTC')}"}
              {(minutes.Count > MinutesMax ? "" : "AND toStartOfMinute(start) IN (SELECT toDateTime(arrayJoin({minutes:Array(Int64)}), 'UTC'))")}
              AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({"{ids:Array(String)}"})), 16))
            LIMIT {"{limit:UInt32}"}
            """, parameters, settings, cancel);
        using var reader = new BlockReader(response.Body, keepBlocks: true);
        var rows = new List<(Block Block, int Row)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) rows.Add((block, row));
        if (rows.Count <= spansMax || candidates.Count == 1) return await Assemble(tenant, candidates, rows, fields, isCut: rows.Count > spansMax, cancel);
        // Too many at a time: each half alone, down to single traces.
        rows.Clear();
        int half = candidates.Count / 2;
        return [.. await Read(tenant, [.. candidates.Take(half)], fields, spansMax, settings, cancel), .. await Read(tenant, [.. candidates.Skip(half)], fields, spansMax, settings, cancel)];
    }

    private async Task<IReadOnlyList<WholeTrace>> Assemble(string tenant, IReadOnlyList<Candidate> candidates, List<(Block Block, int Row)> rows, QueryFields fields, bool isCut, CancellationToken cancel)
    {
        var resources = fields.HasResource ? await origins.Resources(tenant, rows.Select(r => r.Block["resource_id"].GetUInt64(r.Row)).Distinct(), cancel) : new Dictionary<ulong, Origin>();
        var scopes = fields.HasScope ? await origins.Scopes(tenant, rows.Select(r => r.Block["scope_id"].GetUInt64(r.Row)).Distinct(), cancel) : new Dictionary<ulong, Origin>();
        var reading = new SpanRows(fields, resources, scopes);
        var spans = candidates.ToDictionary(candidate => candidate.Id, _ => new Dictionary<(string, long), TraceSpan>());
        var services = new Dictionary<TraceSpan, string>(ReferenceEqualityComparer.Instance);
        foreach ((Block block, int row) in rows)
        {
            if (!spans.TryGetValue(new TraceId(block["trace_id"].GetBytes(row)), out var known)) continue;
            TraceSpan span = reading.Read(block, row);
            // A retried export repeats a span exactly.
            if (known.TryAdd((span.SpanId, span.StartUnixNano), span)) services.Add(span, block["service"].GetString(row));
        }
        return [.. candidates.Select(candidate => new WholeTrace(candidate.Id, new Trace(candidate.Id.ToString(), [.. spans[candidate.Id].Values]), services, isCut))];
    }

    /// <summary>Minutes since 1970 in which the traces have spans, as their index tells; ascending.</summary>
    private async Task<List<long>> FindMinutes(string tenant, IReadOnlyList<Candidate> candidates, KeyValuePair<string, string> ids, EngineSettings settings, CancellationToken cancel)
    {
        // A span may be there a moment before its trace is in the index: its own minute and the ones beside it are always looked at.
        var minutes = new SortedSet<long>(candidates.SelectMany(candidate => (long[])[candidate.At / Minute - 1, candidate.At / Minute, candidate.At / Minute + 1]));
        await using EngineResponse response = await engine.Query("""
            SELECT min(first) AS first, max(last) AS last FROM trace_index
            WHERE tenant = {tenant:String} AND signal = 1 AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16)) GROUP BY trace_id
            """, [EngineParameter.String("tenant", tenant), ids], settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                long first = block["first"].GetInt64(row) / 60, last = block["last"].GetInt64(row) / 60;
                minutes.Add(first);
                minutes.Add(last);
                for (long minute = first; minute < last && minutes.Count <= MinutesMax; minute++) minutes.Add(minute);
            }
        return [.. minutes];
    }
}
