using Spectre.Console;
using Waybill.Terminal;

namespace Waybill.Waterfalls;

/// <summary>
/// Draws a trace as lines of text: service, tree, name, duration, and a bar on the time axis of the whole trace.
/// <code>
/// gateway   POST /checkout                 412 ms  ████████████████
/// orders    ├╴POST /orders                 398 ms   ███████████████
/// payments  │ └╴charge              orphan  80 ms       ███
/// payments  │    ✗ HttpRequestException: 429
/// inventory └╴12 × GET /stock     avg 3.0 ms              ▒▒▒
/// </code>
/// </summary>
internal sealed class Waterfall
{
    private const int ServiceMax = 18, DurationWidth = 9, BarMin = 12, Gap = 2;

    private readonly ShownTrace _trace;
    private readonly WaterfallOptions _options;
    private readonly int _serviceWidth, _treeEnd, _barBegin, _barWidth;

    private Waterfall(ShownTrace trace, WaterfallOptions options)
    {
        (_trace, _options) = (trace, options);
        int longest = trace.Spans.Count == 0 ? 0 : trace.Spans.Max(span => Visible.Width(Visible.Of(span.Service)));
        _serviceWidth = Math.Clamp(longest, 4, Math.Min(ServiceMax, options.Width / 5));
        int rest = options.Width - _serviceWidth - DurationWidth - 3 * Gap;
        _barWidth = Math.Max(BarMin, (int)(rest * 0.42));
        _barBegin = options.Width - _barWidth;
        _treeEnd = _barBegin - Gap - DurationWidth - Gap;
    }

    /// <summary>The whole page, line by line; nothing is kept.</summary>
    public static IEnumerable<Line> Lines(ShownTrace trace, WaterfallOptions options) =>
        TraceHeader.Lines(trace, options.Width).Concat(trace.Spans.Count == 0 ? [] : new Waterfall(trace, options).Body()).Concat(Strays(trace, options));

    private IEnumerable<Line> Body()
    {
        yield return NewLine();
        yield return Axis();
        int rows = 0;
        long shown = 0;
        foreach (WaterfallRow row in Layout.Rows(_trace, _options.Layout))
        {
            if (rows++ == _options.RowsMax) break;
            shown += row.Count + row.Hidden;
            yield return SpanLine(row);
            foreach (Line line in Details(row)) yield return line;
        }
        if (_trace.SpanCount > shown)
            yield return NewLine().Add($"… {Figures.Count(_trace.SpanCount - shown, "more span")}. --limit {_trace.SpanCount} shows all, --depth N fewer levels, --output json everything.", Paint.Doubt);
    }

    private Line NewLine() => new(_options.Width);

    private Line Axis()
    {
        string total = Figures.Duration(_trace.DurationNano), half = Figures.Duration(_trace.DurationNano / 2);
        Line line = NewLine().Add("SERVICE", Paint.Faint).To(_serviceWidth + Gap).Add("SPAN", Paint.Faint).To(_barBegin - Gap - 8).Add("DURATION", Paint.Faint)
            .To(_barBegin).Add("0", Paint.Faint);
        if (_barWidth >= 3 * (total.Length + 4)) line.To(_barBegin + (_barWidth - half.Length) / 2).Add(half, Paint.Faint);
        return line.To(_options.Width - total.Length).Add(total, Paint.Faint);
    }

    private Line SpanLine(WaterfallRow row)
    {
        ShownSpan span = _trace.Spans[row.First];
        Style service = Paint.Service(span.Service);
        Line line = NewLine().Add(Visible.Fit(Visible.Of(span.Service), _serviceWidth), service).To(_serviceWidth + Gap);
        line.Add(TreeGuides.Before(row.Guides, GuidesMax), Paint.Faint);

        string name = span.Name.Length == 0 ? "(no name)" : Visible.Of(span.Name.Length > 2000 ? span.Name[..2000] : span.Name);
        if (row.Count > 1) name = $"{row.Count} × {name}";
        if (span.IsError) name = $"✗ {name}";
        int room = _treeEnd - line.Used;
        string after = After(row, span, brief: false);
        if (Visible.Width(name) + 1 + after.Length > room) after = After(row, span, brief: true);
        int nameWidth = room - (after.Length > 0 ? after.Length + 1 : 0);
        line.Add(Visible.Cut(name, nameWidth), span.IsError ? Paint.StrongError : row.Count > 1 ? Paint.Faint : Paint.Plain);
        if (after.Length > 0) line.Add(" ").Add(after, span.Doubt != 0 || IsSkewed(row) ? Paint.Doubt : Paint.Faint);

        string duration = Figures.Duration(row.MeanNano);
        line.To(_barBegin - Gap - Visible.Width(duration)).Add(duration, span.IsError ? Paint.Error : Paint.Plain).To(_barBegin);
        string bar = Bar.Draw(Fraction(row.StartUnixNano), Fraction(row.EndUnixNano), _barWidth);
        if (row.Count > 1) bar = bar.Replace('█', '▒');
        return line.Add(bar.TrimEnd(), span.IsError ? Paint.Error : service);
    }

    /// <summary>Levels of the tree that leave room for a name; the outer ones of deeper spans become a number.</summary>
    private int GuidesMax => Math.Max(2, (_treeEnd - _serviceWidth - Gap - 16) / 2);

    /// <summary>What follows the name: doubts about the span, and what its line stands for.</summary>
    private string After(WaterfallRow row, ShownSpan span, bool brief)
    {
        var badges = new List<string>();
        if (span.Doubt.HasFlag(SpanDoubt.Orphan)) badges.Add("[orphan]");
        if (span.Doubt.HasFlag(SpanDoubt.Cycle)) badges.Add("[cycle]");
        if (span.Doubt.HasFlag(SpanDoubt.SharedId)) badges.Add("[shared id]");
        if (span.Doubt.HasFlag(SpanDoubt.Quarantined)) badges.Add("[wrong time]");
        if (IsSkewed(row)) badges.Add("[clock skew]");
        if (row.Count > 1 && brief) badges.Add("(avg)");
        else if (row.Count > 1) badges.Add($"(average; longest {Figures.Duration(row.MaxNano)}{(row.Hidden > 0 ? $"; +{Figures.Count(row.Hidden)} below" : "")})");
        else if (row.Hidden > 0) badges.Add($"(+{Figures.Count(row.Hidden)} below)");
        return string.Join(' ', badges);
    }

    /// <summary>Said where the clock changes, not on every span that goes by it.</summary>
    private bool IsSkewed(WaterfallRow row)
    {
        ShownSpan span = _trace.Spans[row.First];
        return _trace.Skews.ContainsKey(span.Resource) && (row.First == 0 || _trace.Spans[row.First - 1].Resource != span.Resource);
    }

    private double Fraction(long unixNano) => _trace.DurationNano <= 0 ? 0 : (double)(unixNano - _trace.StartUnixNano) / _trace.DurationNano;

    private IEnumerable<Line> Details(WaterfallRow row)
    {
        ShownSpan span = _trace.Spans[row.First];
        bool hasChildren = row.Count == 1 && row.First + 1 < _trace.Spans.Count && _trace.Spans[row.First + 1].Depth > span.Depth && row.Hidden == 0;
        Line Begin() => NewLine().To(_serviceWidth + Gap).Add(TreeGuides.Under(row.Guides, GuidesMax, hasChildren), Paint.Faint);

        if (span.Failure.Length > 0) yield return Begin().Add(span.IsError ? "✗ " : "! ", Paint.Error).Add(span.Failure, Paint.Error);
        if (_options.Attributes)
            foreach (Line line in Packed(span.Attributes, Begin)) yield return line;
        if (row.Count > 1) yield break;
        IEnumerable<ShownLog> logs = span.SpanId.Length > 0 && _trace.Logs.TryGetValue(span.SpanId, out List<ShownLog>? own) ? own : [];
        foreach (ShownLog log in (_options.Logs ? logs.Concat(span.Events.Where(e => e.Text != span.Failure)).OrderBy(log => log.TimeUnixNano) : logs.Where(log => log.Severity >= ShownLog.Warn)))
            yield return LogLine(Begin(), log, _trace.StartUnixNano);
    }

    /// <summary>As many to a line as fit; one that is longer than a line is cut.</summary>
    private static IEnumerable<Line> Packed(IReadOnlyList<string> pairs, Func<Line> begin)
    {
        if (pairs.Count == 0) yield break;
        Line line = begin();
        int indent = line.Used;
        foreach (string pair in pairs)
        {
            string text = Visible.Of(pair.Length > 2000 ? pair[..2000] : pair);
            if (line.Used > indent && line.Left < Visible.Width(text) + 2)
            {
                yield return line;
                line = begin();
            }
            line.Add(line.Used > indent ? "  " : "").Add(text, Paint.Faint);
        }
        yield return line;
    }

    private static Line LogLine(Line line, ShownLog log, long origin)
    {
        Style style = log.Severity >= ShownLog.Error ? Paint.Error : log.Severity >= ShownLog.Warn ? Paint.Doubt : Paint.Faint;
        return line.Add($"{log.Level.ToLowerInvariant()} ", style).Add($"+{Figures.Duration(log.TimeUnixNano - origin)}  ", Paint.Faint).Add(log.Text, log.Severity >= ShownLog.Warn ? style : Paint.Plain);
    }

    /// <summary>Log records of the trace that name no span, or one that is not here.</summary>
    private static IEnumerable<Line> Strays(ShownTrace trace, WaterfallOptions options)
    {
        if (trace.Logs.Count == 0) yield break;
        HashSet<string> spans = [.. trace.Spans.Select(span => span.SpanId)];
        var strays = trace.Logs.Where(logs => !spans.Contains(logs.Key)).SelectMany(logs => logs.Value).OrderBy(log => log.TimeUnixNano).ToList();
        if (strays.Count == 0 || trace.Spans.Count < trace.SpanCount) yield break;
        yield return new Line(options.Width);
        yield return new Line(options.Width).Add($"{Figures.Count(strays.Count, "log record")} without a span here", Paint.Faint);
        long origin = trace.SpanCount > 0 ? trace.StartUnixNano : strays[0].TimeUnixNano;
        foreach (ShownLog log in strays.Take(options.RowsMax)) yield return LogLine(new Line(options.Width).Add("  ").Add($"{log.Service}  ", Paint.Service(log.Service)), log, origin);
    }
}
