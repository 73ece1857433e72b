using Waybill.Engine;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>One search under way: slices, candidates, checked traces, and what it may still spend.</summary>
internal sealed class SearchRun(SearchTurn turn, EngineClient engine, WholeTraces traces, SearchOptions options, SearchRequest request, SearchSql sql, QueryFields fields, TimeProvider clock)
{
    private const long FirstSliceNano = 600_000_000_000;

    /// <summary>Where the index over attributes chooses the granules, a slice costs little for its length.</summary>
    private const long FirstIndexedSliceNano = 6 * 3_600_000_000_000;

    /// <summary>Traces read at a time: a page of the usual size in one go.</summary>
    private const int BatchMax = 100;

    private readonly long _began = clock.GetTimestamp();
    private readonly List<FoundTrace> _found = [];
    private readonly List<PartialReason> _reasons = [];
    private SearchCursor _after = request.After;

    public IReadOnlyList<FoundTrace> Found => _found;
    public IReadOnlyList<PartialReason> Reasons => _reasons;
    public long RowsRead { get; private set; }
    public long BytesRead { get; private set; }
    public int TracesRead { get; private set; }

    /// <summary>Where the next page begins; null when the whole range was searched.</summary>
    public SearchCursor? Next { get; private set; }

    public async Task Go(CancellationToken cancel)
    {
        var slices = new TimeSlices(request.After.Range with { UntilUnixNano = Math.Min(request.After.Range.UntilUnixNano, request.After.AtUnixNano + 1) },
            sql.Selection.HasIndex ? FirstIndexedSliceNano : FirstSliceNano);
        while (slices.Current is { } slice)
        {
            try
            {
                if (!await Search(slice, cancel)) return;
                slices.Next();
            }
            catch (EngineException e) when (EngineBounds.IsMemory(e))
            {
                if (slices.Shrink()) continue;
                Stop("over_memory", $"A minute of spans needs more than the {options.StatementMemoryBytesMax / 1_000_000} MB a search may use. Narrow the query.");
                return;
            }
            catch (EngineException e) when (EngineBounds.IsTime(e))
            {
                Stop("timeout", $"The search took longer than {options.SecondsMax} s; newer traces are complete. nextCursor goes on from here.");
                return;
            }
        }
    }

    /// <returns>Whether to go on with the next slice.</returns>
    private async Task<bool> Search(TimeRange slice, CancellationToken cancel)
    {
        while (true)
        {
            // One more than is missing tells whether there is a next page.
            int wanted = Math.Clamp(request.Limit - _found.Count + 1, 1, BatchMax);
            List<Candidate> candidates = await FindCandidates(slice, wanted, cancel);
            IReadOnlyList<WholeTrace> whole = await ReadWhole(candidates, cancel);
            TracesRead += candidates.Count;
            foreach (TraceMatch match in whole.Where(CanCheck).Select(trace => TraceMatch.Of(trace, request.Query.Pipeline, request.After.Range)).OfType<TraceMatch>()
                .Where(match => match.At >= slice.SinceUnixNano && match.At < slice.UntilUnixNano && _after.IsBefore(match.At, match.Id))
                .OrderByDescending(match => match.At).ThenByDescending(match => match.Id.ToString(), StringComparer.Ordinal))
            {
                if (_found.Count == request.Limit)
                {
                    Stop("over_limit", $"There are more traces; these are the newest {request.Limit}. nextCursor gives the next ones.");
                    return false;
                }
                _found.Add(match.ToFoundTrace(fields, request.SpansPerSet));
                _after = _after with { AtUnixNano = match.At, TraceId = match.Id };
            }
            if (candidates.Count < wanted) return true;
            _after = _after with { AtUnixNano = candidates[^1].At, TraceId = candidates[^1].Id };
            if (TracesRead >= options.CandidatesMax)
            {
                Stop("candidates_over_limit", $"{TracesRead} traces had to be checked one by one, as many as one search may. nextCursor goes on from here.");
                return false;
            }
        }
    }

    private bool CanCheck(WholeTrace trace)
    {
        bool related = !sql.Selection.IsFlat && trace.Trace.Spans.Count > options.RelatedSpansMax;
        if (related || trace.IsCut)
        {
            int bound = related ? options.RelatedSpansMax : options.SpansHeldMax;
            if (_reasons.TrueForAll(reason => reason.Reason != "trace_over_limit"))
                _reasons.Add(new("trace_over_limit", $"Trace {trace.Id} has more than {bound} spans, so it was {(related ? "left out" : "checked in part")}; others may be too."));
        }
        return !related;
    }

    private void Stop(string reason, string detail)
    {
        _reasons.Add(new(reason, detail));
        Next = _after;
    }

    private async Task<List<Candidate>> FindCandidates(TimeRange slice, int limit, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters =
        [
            .. sql.Selection.Parameters, .. SelectionParameters.Of(request.Tenant, slice),
            EngineParameter.UnixNanoseconds("before", _after.AtUnixNano), EngineParameter.String("before_id", _after.TraceId.ToString()), EngineParameter.Int("limit", limit),
        ];
        List<Candidate> found = await Read(sql.Candidates, parameters, cancel);
        if (sql.LongTraces is not null) found.AddRange(await Read(sql.LongTraces, parameters, cancel));
        return [.. found.GroupBy(candidate => candidate.Id).Select(same => same.MaxBy(candidate => candidate.At))
            .OrderByDescending(candidate => candidate.At).ThenByDescending(candidate => candidate.Id.ToString(), StringComparer.Ordinal).Take(limit)];
    }

    private async Task<IReadOnlyList<WholeTrace>> ReadWhole(List<Candidate> candidates, CancellationToken cancel)
    {
        using SearchStatement statement = await turn.Statement(cancel);
        return await traces.Read(request.Tenant, candidates, fields, options.SpansHeldMax, Settings(statement), cancel);
    }

    private async Task<List<Candidate>> Read(string sql, List<KeyValuePair<string, string>> parameters, CancellationToken cancel)
    {
        using SearchStatement statement = await turn.Statement(cancel);
        await using EngineResponse response = await engine.Query(sql, parameters, Settings(statement), cancel);
        RowsRead += response.Summary.ReadRows;
        BytesRead += response.Summary.ReadBytes;
        return await Candidate.ReadAll(response, cancel);
    }

    private EngineSettings Settings(SearchStatement statement) => EngineBounds.Of(options, statement, options.SecondsMax - clock.GetElapsedTime(_began).TotalSeconds);
}
