using Waybill.Batches;
using Waybill.Causes;
using Waybill.Engine;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Comparisons;

/// <summary>What is different about these spans?</summary>
/// <param name="SelectedIn">The part of the range in which they start.</param>
/// <param name="Within">Both sides are of these; null for all spans.</param>
public sealed record SelectionQuestion(TimeRange Range, TimeRange SelectedIn, Pipeline Selection, Pipeline? Within, int Rows, int Limit);

/// <summary>
/// Compares the spans that a query selects with the rest of the range. Bounded: of very many spans only every so manieth minute is looked at, of a side
/// so many rows, and of their traces a hundred a side, whole, for operations and edges.
/// </summary>
public sealed class SelectionComparer(EngineClient engine, ComparedSpanTable table, SampleTable sampled, Samples samples, SearchGate gate, SearchOptions options, TimeProvider clock)
{
    private const string Selected = "the selection", Rest = "the rest";
    /// <summary>Spans that the conditions of a side are asked of: their attributes are read in a sixth of a second, and of 500,000 a few thousand tell all that the answer shows.</summary>
    private const long ScannedMax = 500_000;
    private const int TracesPerSide = 100, MinutesMax = 2_000;
    private const long Minute = 60_000_000_000;

    private readonly KeyTable _keys = new(engine);

    /// <exception cref="SearchBusyException">Too many searches run and wait.</exception>
    public async Task<Comparison> Compare(string tenant, SelectionQuestion question, CancellationToken cancel)
    {
        using SearchTurn turn = await gate.Enter(cancel);
        var reasons = new List<PartialReason>();
        long began = clock.GetTimestamp();
        try
        {
            using SearchStatement statement = await turn.Statement(cancel);
            EngineSettings Settings() => EngineBounds.Of(options, statement, options.SecondsMax - clock.GetElapsedTime(began).TotalSeconds);
            var (selected, rest) = await Sides(tenant, question, reasons, cancel);
            var (minutesA, minutesB) = await table.CountBoth(tenant, selected.Side, rest.Side, Settings(), cancel);
            long countA = minutesA.Sum(of => of.Spans), countB = minutesB.Sum(of => of.Spans);
            if (countA == 0) reasons.Add(new("no_data", "The query selects no span in this time."));
            if (countB == 0) reasons.Add(new("no_baseline", "There is no other span in this time to compare with."));
            List<ComparedSpan> a = countA == 0 ? [] : await table.Read(tenant, selected.Side, minutesA, question.Rows, Settings(), cancel);
            List<ComparedSpan> b = countB == 0 ? [] : await table.Read(tenant, rest.Side, minutesB, question.Rows, Settings(), cancel);
            return new Comparison(SideView(Selected, countA * selected.Every, a), SideView(Rest, countB * rest.Every, b), await Differ(tenant, question, a, b, cancel), reasons.Count == 0 ? "complete" : "partial", reasons);
        }
        catch (EngineException e) when (EngineBounds.IsTime(e) || EngineBounds.IsMemory(e))
        {
            reasons.Add(new("timeout", $"Comparing took more than it may ({options.SecondsMax} s). Narrow the time or the query."));
            return new Comparison(SideView(Selected, 0, []), SideView(Rest, 0, []), [], "partial", reasons);
        }
    }

    private async Task<((SpanSide Side, long Every) Selected, (SpanSide Side, long Every) Others)> Sides(string tenant, SelectionQuestion question, List<PartialReason> reasons, CancellationToken cancel)
    {
        var fields = QueryFields.Of(question.Within is null ? [question.Selection] : [question.Selection, question.Within]);
        KnownKeys known = await _keys.Find(tenant, question.Range, fields.AttributeNames, cancel);
        var parameters = new SqlParameters();
        var selection = SpanSelection.Of(question.Selection, known, parameters);
        SpanSelection? within = question.Within is null ? null : SpanSelection.Of(question.Within, known, parameters);
        if (!selection.IsExact || within is { IsExact: false })
            reasons.Add(new("approximate", "The query cannot be judged exactly for all spans at once, so some may be on the wrong side."));
        string both = within is null ? "" : $"({within.Where}) AND ", chosen = $"ifNull(({selection.Where}), 0)";
        if (question.SelectedIn != question.Range) chosen = $"({chosen} AND start >= {parameters.Time(question.SelectedIn.SinceUnixNano)} AND start < {parameters.Time(question.SelectedIn.UntilUnixNano)})";
        long everyB = Every(await sampled.Count(tenant, question.Range, cancel));
        long everyA = selection.HasIndex ? 1 : question.SelectedIn == question.Range ? everyB : Every(await sampled.Count(tenant, question.SelectedIn, cancel));
        if (everyA > 1 || everyB > 1) reasons.Add(new("sampled", $"There are very many spans: of the selection one minute in {everyA} was looked at, of the rest one in {everyB}; their counts are estimates."));
        return ((new SpanSide(question.SelectedIn, $"{both}({selection.Where})", parameters.Bound, Minutes(question.SelectedIn, everyA)), everyA),
            (new SpanSide(question.Range, $"{both}NOT {chosen}", parameters.Bound, Minutes(question.Range, everyB)), everyB));
    }

    private static long Every(long spans) => (spans + ScannedMax - 1) / ScannedMax;

    private static List<long>? Minutes(TimeRange range, long every)
    {
        if (every <= 1) return null;
        long first = range.SinceUnixNano / Minute, last = (range.UntilUnixNano - 1) / Minute;
        every = Math.Max(every, (last - first) / MinutesMax + 1);
        return [.. Enumerable.Range(0, (int)((last - first) / every) + 1).Select(i => (first + i * every) * 60)];
    }

    private async Task<List<Difference>> Differ(string tenant, SelectionQuestion question, List<ComparedSpan> a, List<ComparedSpan> b, CancellationToken cancel)
    {
        if (a.Count == 0 || b.Count == 0) return [];
        var resources = await sampled.Resources(tenant, a.Concat(b).Select(span => span.Resource).Distinct(), cancel);
        var chosen = QueryFields.Of(question.Selection).All.SelectMany(NamesOf).ToHashSet(StringComparer.Ordinal);
        var differences = new AttributeDifferences(resources, Selected, Rest).Of(a, b, withPlace: true, chosen);
        differences.AddRange(Differences.Of(await WholeTraces(tenant, question.Range, a, b, cancel), "traces of the selection", "traces of the rest"));
        return Differences.Ranked(differences, question.Limit);
    }

    private static IEnumerable<string> NamesOf(FieldReference field) => field is AttributeReference attribute ? [attribute.Name, "resource." + attribute.Name] : field is IntrinsicReference { Intrinsic: var intrinsic } ? [intrinsic.ToString().ToLowerInvariant()] : [];

    /// <summary>A hundred traces a side. One that has spans of both sides is one of the selection.</summary>
    private async Task<SpanSample> WholeTraces(string tenant, TimeRange range, List<ComparedSpan> a, List<ComparedSpan> b, CancellationToken cancel)
    {
        HashSet<TraceId> selected = [.. a.Select(span => span.Trace)];
        ComparedSpan[] picked = [.. Pick(a), .. Pick(b.Where(span => !selected.Contains(span.Trace)))];
        long[] minutes = [.. picked.SelectMany(span => (long[])[span.StartUnixNano / Minute - 1, span.StartUnixNano / Minute, span.StartUnixNano / Minute + 1]).Distinct().Select(minute => minute * 60)];
        var read = await samples.Read(tenant, new Timeline(range, new TimeRange(0, 1)), [.. picked.Select(span => span.Trace)], minutes, cancel);
        HashSet<UInt128> ofSelection = [.. selected.Select(Samples.NumberOf)];
        return SpanSample.Of(read.Names, [.. read.Spans.Select(span => span with { Side = ofSelection.Contains(span.TraceId) ? Side.Window : Side.Baseline })]);
    }

    private static IEnumerable<ComparedSpan> Pick(IEnumerable<ComparedSpan> spans) => spans.DistinctBy(span => span.Trace).OrderBy(span => span.Trace.ToString(), StringComparer.Ordinal).Take(TracesPerSide);

    private static ComparedSide SideView(string name, long spans, List<ComparedSpan> sample)
    {
        double[] durations = [.. sample.Select(span => (double)span.DurationNano).Order()];
        return new ComparedSide(name, spans, sample.Count, sample.Count == 0 ? 0 : Math.Round((double)sample.Count(span => span.Failed) / sample.Count, 4), (long)Shift.Quantile(durations, 0.5), (long)Shift.Quantile(durations, 0.95));
    }
}
