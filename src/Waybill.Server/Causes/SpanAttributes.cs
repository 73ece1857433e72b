using System.Buffers.Binary;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Flags;
using Waybill.Spans;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>Reads all that single spans carry: most of a span's bytes, so only of those that are asked for.</summary>
public sealed class SpanAttributes(EngineClient engine, SampleTable table, FlagTable flags)
{
    private const int ValueCharsMax = 200, FlagsMax = 20_000;
    private const long MinuteNano = 60_000_000_000;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 3 };

    /// <summary>The columns that <see cref="Of"/> needs.</summary>
    public static string Columns { get; } = $"{string.Join(", ", PromotedColumns.Strings.Select(promoted => promoted.Column))}, {PromotedColumns.StatusColumn}, attributes";

    /// <summary>Typed keys and values of a row, shortened.</summary>
    public static List<(string TypedKey, string Value)> Of(Block block, int row)
    {
        var attributes = new List<(string, string)>();
        BlockColumn map = block["attributes"];
        Range range = map.GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++) attributes.Add((map.Keys!.GetString(i), Shorten(map.Values!.GetString(i))));
        foreach (var promoted in PromotedColumns.Strings)
            if (block[promoted.Column].GetString(row) is { Length: > 0 } value) attributes.Add(("s:" + promoted.Key, Shorten(value)));
        if (block[PromotedColumns.StatusColumn].GetInt64(row) is not 0 and var status) attributes.Add(("i:" + PromotedColumns.StatusKey, $"{status}"));
        return attributes;
    }

    /// <summary>What each of some spans and all above it carry, and their resources: keys without types, a resource's with <c>resource.</c> before it, a flag's with <c>feature_flag.</c>.</summary>
    public async Task<List<IReadOnlySet<(string Key, string Value)>>> Above(string tenant, SpanSample sample, IReadOnlyList<int> spans, CancellationToken cancel)
    {
        var paths = spans.Select(span => PathOf(sample, span)).ToList();
        int[] needed = [.. paths.SelectMany(path => path).Distinct()];
        var known = await Read(tenant, sample, needed, cancel);
        var seen = await Flags(tenant, sample, needed, cancel);
        return [.. paths.Select(path => (IReadOnlySet<(string, string)>)path.SelectMany(span => known.GetValueOrDefault((sample.Spans[span].TraceId, sample.Spans[span].SpanId), [])).Concat(FlagsAt(sample, path, seen)).ToHashSet())];
    }

    /// <summary>An SDK notes an evaluation once, on the span that asked: what is below it ran under that value, unless something nearer asked again.</summary>
    private static IEnumerable<(string Key, string Value)> FlagsAt(SpanSample sample, List<int> path, ILookup<(UInt128, ulong), (string Flag, string Value)> seen) =>
        path.SelectMany(span => seen[(sample.Spans[span].TraceId, sample.Spans[span].SpanId)].Reverse()).DistinctBy(flag => flag.Flag).Select(flag => ("feature_flag." + flag.Flag, Shorten(flag.Value)));

    private async Task<ILookup<(UInt128, ulong), (string Flag, string Value)>> Flags(string tenant, SpanSample sample, int[] spans, CancellationToken cancel)
    {
        if (spans.Length == 0) return Array.Empty<((UInt128, ulong), (string, string))>().ToLookup(of => of.Item1, of => of.Item2);
        var range = new TimeRange(spans.Min(span => sample.Spans[span].Start), spans.Max(span => sample.Spans[span].Start) + 1);
        var evaluations = await flags.ReadTraces(tenant, spans.Select(span => $"{sample.Spans[span].TraceId:x32}").Distinct(), range, FlagsMax, cancel);
        return evaluations.ToLookup(of => (Samples.NumberOf(of.Trace), ulong.Parse(of.Span.ToString(), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture)), of => (of.Flag, of.Value));
    }

    private static List<int> PathOf(SpanSample sample, int span)
    {
        var path = new List<int>();
        for (int at = span; at >= 0 && path.Count < 100; at = sample.Parent[at]) path.Add(at);
        return path;
    }

    private async Task<Dictionary<(UInt128 Trace, ulong Span), List<(string Key, string Value)>>> Read(string tenant, SpanSample sample, int[] spans, CancellationToken cancel)
    {
        var attributes = new Dictionary<(UInt128, ulong), List<(string, string)>>();
        if (spans.Length == 0) return attributes;
        long[] minutes = [.. spans.Select(span => sample.Spans[span].Start / MinuteNano * 60).Distinct()];
        await using EngineResponse response = await engine.Query($$"""
            SELECT trace_id, span_id, resource_id, {{Columns}} FROM spans
            WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}
              AND toStartOfMinute(start) IN (SELECT toDateTime(arrayJoin({minutes:Array(Int64)}), 'UTC'))
              AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))
            LIMIT {limit:UInt32}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", minutes.Min() * 1_000_000_000), EngineParameter.UnixNanoseconds("until", (minutes.Max() + 60) * 1_000_000_000),
                EngineParameter.Ints("minutes", minutes), EngineParameter.Strings("traces", spans.Select(span => $"{sample.Spans[span].TraceId:x32}").Distinct()),
                EngineParameter.Strings("spans", spans.Select(span => $"{sample.Spans[span].SpanId:x16}")), EngineParameter.Int("limit", 4L * spans.Length),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var origins = new Dictionary<(UInt128, ulong), ulong>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                var id = (BinaryPrimitives.ReadUInt128BigEndian(block["trace_id"].GetBytes(row)), BinaryPrimitives.ReadUInt64BigEndian(block["span_id"].GetBytes(row)));
                attributes[id] = [.. Of(block, row).Where(a => a.TypedKey is ['s' or 'i' or 'b' or 'd', ..]).Select(a => (a.TypedKey[2..], a.Value))];
                origins[id] = block["resource_id"].GetUInt64(row);
            }
        var resources = await table.Resources(tenant, origins.Values.Distinct(), cancel);
        foreach (var (id, origin) in origins)
            if (resources.TryGetValue(origin, out var resource)) attributes[id].AddRange(resource.Attributes.Select(a => ("resource." + a.Key[2..], Shorten(a.Value))));
        return attributes;
    }

    private static string Shorten(string value) => value.Length <= ValueCharsMax ? value : value[..ValueCharsMax];
}
