using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Evaluation;
using Waybill.Search;
using Waybill.Traces;

namespace Waybill.Metrics;

/// <summary>A question for a metric over time.</summary>
/// <param name="Function">Null for the default of what the metric is.</param>
/// <param name="GroupsMax">Series answered at most; the largest are kept.</param>
internal sealed record RangeRequest(SeriesSelection Selection, RangeFunction? Function, IReadOnlyList<SeriesKey> By, MetricsWindow Window, int GroupsMax);

/// <summary>What the selected series are, for the most part.</summary>
internal sealed record MetricShape(MetricKind Kind, string Unit, SeriesFamily Family, SeriesTemporality Temporality, bool HasBuckets, bool HasExponentialBuckets);

/// <summary>One question under way: the engine calculates; of quantiles, it adds up the cells and they are looked for here.</summary>
internal sealed class RangeRun(EngineClient engine, RangeRequest request, MetricShape shape, RangeFunction function, EngineSettings settings, int seriesMax)
{
    private const long LookBackNano = 900_000_000_000, GapNano = 300_000_000_000;

    // Groups by their labels, in the order of their size.
    private readonly Dictionary<string, Group> _groups = [];

    private sealed record Group(string[] Labels, double?[] Values)
    {
        public Dictionary<int, List<Cell>> Cells { get; } = [];
        public Dictionary<int, (double Threshold, double Count)> Zeros { get; } = [];
        public double Size { get; set; }
    }

    private MetricsWindow Window => request.Window;
    private long OriginUnixNano => Window.FirstUnixNano - Window.StepNano;

    /// <summary>How often points were so far apart that what was counted meanwhile is in no bucket.</summary>
    public long Gaps { get; private set; }

    /// <summary>Whether there are more groups than asked for.</summary>
    public bool HasMore => _groups.Count > request.GroupsMax;

    public async Task<IReadOnlyList<RangeSeries>> Go(CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        string series = (request.Selection with { Kind = null, Unit = shape.Unit, Family = shape.Family }).Rows(request.By, parameters);
        double? share = RangeFunctions.Quantile(function);
        if (shape.Family == SeriesFamily.Distribution && share is { } quantile)
        {
            if (shape.HasBuckets) await Read(RangeSql.Buckets(series, shape.Temporality), parameters, AddCells, cancel);
            if (shape.HasExponentialBuckets) await Read(RangeSql.ExponentialBuckets(series, shape.Temporality), parameters, AddExponentialCells, cancel);
            foreach (Group group in _groups.Values)
                foreach (var (bucket, cells) in group.Cells)
                    group.Values[bucket] = Finite(Quantile.Of(quantile, group.Zeros.TryGetValue(bucket, out var zeros) ? [.. cells, Quantile.Zeros(zeros.Threshold, zeros.Count, cells)] : cells));
        }
        else
        {
            string sql = shape.Family == SeriesFamily.Level || share is not null ? RangeSql.Levels(series, shape.Family, function) : RangeSql.Counts(series, shape.Family, function, shape.Temporality);
            await Read(sql, parameters, AddNumbers, cancel);
        }
        return [.. _groups.Values.OrderByDescending(group => group.Size).Take(request.GroupsMax).Where(group => group.Values.Any(value => value is not null))
            .Select(group => new RangeSeries(request.By.Zip(group.Labels).ToDictionary(pair => pair.First.Text, pair => pair.Second), group.Values))];
    }

    private async Task Read(string sql, SqlParameters parameters, Action<Group, Block, int> add, CancellationToken cancel)
    {
        long readFrom = Math.Max(0, OriginUnixNano - Math.Max(LookBackNano, 2 * Window.StepNano));
        await using EngineResponse response = await engine.Query(sql,
            [
                .. request.Selection.Parameters, .. parameters.Bound, EngineParameter.Int("origin", OriginUnixNano), EngineParameter.Int("end", Window.LastUnixNano), EngineParameter.Int("step", Window.StepNano),
                EngineParameter.Int("gap", Math.Max(GapNano, 2 * Window.StepNano)), EngineParameter.UnixNanoseconds("from", readFrom), EngineParameter.Int("read_from", readFrom),
                EngineParameter.UnixNanoseconds("since", OriginUnixNano), EngineParameter.UnixNanoseconds("until", Window.LastUnixNano), EngineParameter.Double("quantile", RangeFunctions.Quantile(function) ?? 0),
                EngineParameter.Int("series_max", seriesMax), EngineParameter.Int("groups", request.GroupsMax + 1L),
            ], settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                Range range = block["labels"].GetRange(row);
                string[] labels = [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).Select(block["labels"].Values!.GetString)];
                string key = string.Join('\0', labels);
                if (!_groups.TryGetValue(key, out Group? group)) _groups[key] = group = new Group(labels, new double?[Window.Count]);
                group.Size += block["size"].GetDouble(row);
                Gaps += block["gap_count"].GetInt64(row);
                add(group, block, row);
            }
    }

    private static void AddNumbers(Group group, Block block, int row)
    {
        Range range = block["buckets"].GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++) group.Values[block["buckets"].Values!.GetInt64(i)] = Finite(block["numbers"].Values!.GetDouble(i));
    }

    private static void AddCells(Group group, Block block, int row)
    {
        Range range = block["found"].GetRange(row);
        IReadOnlyList<BlockColumn> fields = block["found"].Values!.Elements;
        for (int i = range.Start.Value; i < range.End.Value; i++)
            Add(group, fields[0].GetInt64(i), Quantile.CellsOf(Doubles(fields[1], i), Doubles(fields[2], i)[1..]));   // the first is the count of all
    }

    private static void AddExponentialCells(Group group, Block block, int row)
    {
        Range range = block["found"].GetRange(row);
        IReadOnlyList<BlockColumn> fields = block["found"].Values!.Elements;
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            int bucket = (int)fields[0].GetInt64(i);
            var zeros = group.Zeros.GetValueOrDefault(bucket);
            group.Zeros[bucket] = (Math.Max(zeros.Threshold, fields[2].GetDouble(i)), zeros.Count + fields[3].GetDouble(i));
            Add(group, bucket, Quantile.CellsOf((int)fields[1].GetInt64(i), Longs(fields[4], i), Doubles(fields[5], i)));
        }
    }

    private static void Add(Group group, long bucket, IEnumerable<Cell> cells)
    {
        if (!group.Cells.TryGetValue((int)bucket, out List<Cell>? all)) group.Cells[(int)bucket] = all = [];
        all.AddRange(cells);
    }

    private static double[] Doubles(BlockColumn arrays, int row)
    {
        Range range = arrays.GetRange(row);
        double[] values = new double[range.End.Value - range.Start.Value];
        for (int i = 0; i < values.Length; i++) values[i] = arrays.Values!.GetDouble(range.Start.Value + i);
        return values;
    }

    private static long[] Longs(BlockColumn arrays, int row)
    {
        Range range = arrays.GetRange(row);
        long[] values = new long[range.End.Value - range.Start.Value];
        for (int i = 0; i < values.Length; i++) values[i] = arrays.Values!.GetInt64(range.Start.Value + i);
        return values;
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
