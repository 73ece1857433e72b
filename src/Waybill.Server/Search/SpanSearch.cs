using System.Diagnostics;
using System.Globalization;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Syntax;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>
/// Searches traces from the newest back, in slices of time that grow, and stops when it has enough: a month answers its first page like an hour does.
/// In each slice the engine finds the traces that may match; these are read whole, and the query language's interpreter says what matched.
/// </summary>
public sealed class SpanSearch(EngineClient engine, OriginTable origins, SearchGate gate, SearchOptions options, SpoolLag lag, TimeProvider clock)
{
    private readonly KeyTable _keys = new(engine);
    private readonly WholeTraces _traces = new(engine, origins);

    /// <exception cref="SearchBusyException">Too many searches run and wait.</exception>
    public async Task<SearchResult> Run(SearchRequest request, CancellationToken cancel)
    {
        using SearchTurn turn = await gate.Enter(cancel);
        long began = Stopwatch.GetTimestamp();
        var fields = QueryFields.Of(request.Query.Pipeline);
        TimeRange range = request.After.Range;
        var reach = new TimeRange(range.SinceUnixNano - SpanSelection.ReachNano, range.UntilUnixNano + SpanSelection.ReachNano);
        KnownKeys known = await _keys.Find(request.Tenant, reach, fields.AttributeNames, cancel);
        var run = new SearchRun(turn, engine, _traces, options, request, SearchSql.Of(request.Query.Pipeline, known), fields, clock);
        await run.Go(cancel);
        List<PartialReason> reasons = [.. run.Reasons, .. lag.Reasons(range.UntilUnixNano)];
        return new SearchResult(reasons.Count == 0 ? "complete" : "partial", reasons, Text(range.SinceUnixNano), Text(range.UntilUnixNano), run.Found, run.Next?.ToString(),
            new Scanned(run.RowsRead, run.BytesRead, run.TracesRead, Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 1)));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
