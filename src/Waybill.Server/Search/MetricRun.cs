using System.Globalization;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>One metrics query under way: each first stage is added up by the engine, slice by slice from the newest, and what follows is done here.</summary>
internal sealed class MetricRun(SearchTurn turn, EngineClient engine, WholeTraces traces, SearchOptions options, MetricRequest request, KnownKeys known, TimeProvider clock)
{
    private const long FirstSliceNano = 3_600_000_000_000;
    private const int BatchMax = 100;

    private readonly long _began = clock.GetTimestamp();
    private readonly List<PartialReason> _reasons = [];
    private readonly Dictionary<string, IReadOnlyList<Exemplar>> _exemplars = [];

    private MetricsWindow Window => request.Window;

    public IReadOnlyList<PartialReason> Reasons => _reasons;
    public long RowsRead { get; private set; }
    public long BytesRead { get; private set; }
    public int TracesRead { get; private set; }

    public async Task<IReadOnlyList<Series>> Go(CancellationToken cancel) => [.. (await Evaluate(request.Query.Metrics, cancel)).Where(series => !series.IsEmpty)];

    /// <summary>Traces that stand for a series, wherever its numbers came from.</summary>
    public IReadOnlyList<Exemplar> ExemplarsOf(Series series) => _exemplars.GetValueOrDefault(SeriesBuilder.KeyOf(series.Labels), []);

    private async Task<IReadOnlyList<Series>> Evaluate(MetricsExpression metrics, CancellationToken cancel) => metrics switch
    {
        MetricsPipeline { Aggregate: RangeAggregate range } pipeline => await Range(pipeline.Source, range, cancel),
        MetricsPipeline pipeline => await Interpret(pipeline, cancel),
        MetricsArithmetic arithmetic => SeriesArithmetic.Join(arithmetic.Operator, await Side(arithmetic.Left, cancel), await Side(arithmetic.Right, cancel)),
        RankStage rank => SeriesRanking.Keep(await Evaluate(rank.Source, cancel), rank.Top, rank.Count),
        SampleFilter filter => [.. (await Evaluate(filter.Source, cancel)).Select(series => Kept(series, filter))],
        _ => throw new ArgumentOutOfRangeException(nameof(metrics), metrics.GetType().Name, "Not a metrics query of the language."),
    };

    private async Task<SeriesArithmetic.Side> Side(MetricsExpression side, CancellationToken cancel) =>
        side is MetricsNumber number ? new(number.Value.Number, []) : new(null, [.. (await Evaluate(side, cancel)).Where(series => !series.IsEmpty)]);

    // A duration is compared in seconds, as series of durations are.
    private static Series Kept(Series series, SampleFilter filter)
    {
        Static constant = filter.Value.Type == StaticType.Duration ? Static.Of(filter.Value.Number / 1e9) : filter.Value;
        return series with { Values = [.. series.Values.Select(value => !double.IsNaN(value) && Arithmetic.Holds(filter.Operator, Static.Of(value), constant) ? value : double.NaN)] };
    }

    private async Task<IReadOnlyList<Series>> Range(Pipeline source, RangeAggregate range, CancellationToken cancel)
    {
        var builder = new SeriesBuilder(range, Window, request.Exemplars);
        if (MetricSql.Of(source, range, known) is { } sql)
            await Slices(FirstSliceNano, slice => AddUp(sql, source, range, builder, slice, cancel));
        else
            await ReadTraces(source, QueryFields.Of(source, range), whole => Observe(whole, source, builder), cancel);
        foreach (var (labels, exemplars) in builder.Exemplars()) _exemplars.TryAdd(labels, exemplars);
        return builder.ToSeries();
    }

    /// <summary>compare() looks at all attributes of the spans, so it is evaluated over the traces themselves, as far as the bounds go.</summary>
    private async Task<IReadOnlyList<Series>> Interpret(MetricsPipeline pipeline, CancellationToken cancel)
    {
        var found = new List<Trace>();
        await ReadTraces(pipeline.Source, QueryFields.Everything, whole => found.Add(whole.Trace), cancel);
        return new MetricsInterpreter(found, Window).Run(new MetricsQuery(pipeline, []));
    }

    /// <returns>Whether to go on.</returns>
    private async Task<bool> AddUp(MetricSql sql, Pipeline source, RangeAggregate range, SeriesBuilder builder, TimeRange slice, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [.. sql.Selection.Parameters, .. SelectionParameters.Of(request.Tenant, slice)];
        List<Candidate> excluded = [];
        if (sql.Selection.IrregularTraces is { } irregular)
        {
            parameters.Add(EngineParameter.Int("limit", options.CandidatesMax));
            excluded = await ReadCandidates(irregular, parameters, cancel);
            await ReadWhole(excluded, QueryFields.Of(source, range), whole => Observe(whole, source, builder, slice), cancel);
        }
        parameters.Add(EngineParameter.Strings("excluded", excluded.Select(candidate => candidate.Id.ToString())));
        parameters.AddRange([EngineParameter.Int("origin", Window.FirstUnixNano - Window.StepNano), EngineParameter.Int("step", Window.StepNano), EngineParameter.Int("exemplar_count", Math.Max(1, request.Exemplars))]);
        using SearchStatement statement = await turn.Statement(cancel);
        await using EngineResponse response = await engine.Query(sql.Statement, parameters, Settings(statement), cancel);
        Count(response);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) AddRow(sql, builder, block, row);
        if (builder.Groups <= options.SeriesMax * 4) return true;
        _reasons.Add(new("over_series", $"More than {options.SeriesMax * 4} sets of labels; older spans were left out. Group by fields with fewer values."));
        return false;
    }

    private void AddRow(MetricSql sql, SeriesBuilder builder, Block block, int row)
    {
        Static[] labels = [.. sql.Labels.Select((label, i) => LabelReading.Read(label.Form, block[$"l{i}"], row))];
        double bound = block.Columns.Any(column => column.Name == "bound") ? block["bound"].GetDouble(row) : 0;
        builder.Add(NodeList.Create<Static>(labels), (int)block["bucket"].GetInt64(row), bound, block["number"].GetDouble(row), block["weights"].GetDouble(row), Exemplars(block["exemplars"], row, (int)block["bucket"].GetInt64(row)));
    }

    private Exemplar[] Exemplars(BlockColumn column, int row, int bucket)
    {
        if (request.Exemplars == 0) return [];
        Range range = column.GetRange(row);
        IReadOnlyList<BlockColumn> fields = column.Values!.Elements;
        return [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).Select(i => new Exemplar(new TraceId(fields[0].GetBytes(i)).ToString(), new SpanId(fields[1].GetBytes(i)).ToString(),
            Text(fields[2].GetInt64(i)), Text(Window.Stamp(bucket)), fields[3].GetDouble(i)))];
    }

    private static void Observe(WholeTrace whole, Pipeline source, SeriesBuilder builder, TimeRange? slice = null)
    {
        var interpreter = new Interpreter(whole.Trace);
        foreach (var span in interpreter.Search(source).SelectMany(set => set.Spans))
            if (slice is not { } only || (span.StartUnixNano >= only.SinceUnixNano && span.StartUnixNano < only.UntilUnixNano)) builder.Add(interpreter, whole.Trace.TraceId, span);
    }

    /// <summary>Reads the traces that may have spans for a source, once each, newest first, until the bound.</summary>
    private async Task ReadTraces(Pipeline source, QueryFields fields, Action<WholeTrace> use, CancellationToken cancel)
    {
        SearchSql sql = SearchSql.Of(source, known);
        var seen = new HashSet<TraceId>();
        await Slices(FirstSliceNano, async slice =>
        {
            List<KeyValuePair<string, string>> parameters =
            [
                .. sql.Selection.Parameters, .. SelectionParameters.Of(request.Tenant, slice), EngineParameter.UnixNanoseconds("before", slice.UntilUnixNano),
                EngineParameter.String("before_id", default(TraceId).ToString()), EngineParameter.Int("limit", options.CandidatesMax + 1L),
            ];
            List<Candidate> candidates = await ReadCandidates(sql.Candidates, parameters, cancel);
            if (sql.LongTraces is not null) candidates.AddRange(await ReadCandidates(sql.LongTraces, parameters, cancel));
            candidates = [.. candidates.Where(candidate => seen.Add(candidate.Id)).OrderByDescending(candidate => candidate.At)];
            int left = Math.Max(0, options.CandidatesMax - TracesRead);
            await ReadWhole(candidates.Take(left).ToList(), fields, use, cancel);
            if (candidates.Count <= left) return true;
            _reasons.Add(new("candidates_over_limit", $"This query is evaluated trace by trace, at most {options.CandidatesMax}; older ones were left out. Narrow the range or the filter."));
            return false;
        });
    }

    private async Task ReadWhole(List<Candidate> candidates, QueryFields fields, Action<WholeTrace> use, CancellationToken cancel)
    {
        foreach (Candidate[] batch in candidates.Chunk(BatchMax))
        {
            using (SearchStatement statement = await turn.Statement(cancel))
                foreach (WholeTrace whole in await traces.Read(request.Tenant, batch, fields, options.SpansHeldMax, Settings(statement), cancel)) use(whole);
            TracesRead += batch.Length;
        }
    }

    private async Task<List<Candidate>> ReadCandidates(string sql, List<KeyValuePair<string, string>> parameters, CancellationToken cancel)
    {
        using SearchStatement statement = await turn.Statement(cancel);
        await using EngineResponse response = await engine.Query(sql, parameters, Settings(statement), cancel);
        Count(response);
        return await Candidate.ReadAll(response, cancel);
    }

    private async Task Slices(long firstNano, Func<TimeRange, Task<bool>> one)
    {
        var slices = new TimeSlices(new TimeRange(Window.FirstUnixNano - Window.StepNano + 1, Window.LastUnixNano + 1), firstNano);
        while (slices.Current is { } slice)
        {
            try
            {
                if (!await one(slice)) return;
                slices.Next();
            }
            catch (EngineException e) when (EngineBounds.IsMemory(e))
            {
                if (slices.Shrink()) continue;
                _reasons.Add(new("over_memory", $"A minute of spans needs more than the {options.StatementMemoryBytesMax / 1_000_000} MB a search may use; older spans were left out. Group by fewer values."));
                return;
            }
            catch (EngineException e) when (EngineBounds.IsTime(e))
            {
                _reasons.Add(new("timeout", $"The query took longer than {options.SecondsMax} s; spans before {Text(slice.UntilUnixNano)} were left out."));
                return;
            }
        }
    }

    private void Count(EngineResponse response)
    {
        RowsRead += response.Summary.ReadRows;
        BytesRead += response.Summary.ReadBytes;
    }

    private EngineSettings Settings(SearchStatement statement) => EngineBounds.Of(options, statement, options.SecondsMax - clock.GetElapsedTime(_began).TotalSeconds);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
