using Waybill.Terminal;

namespace Waybill.Waterfalls;

/// <summary>The lines above a waterfall: what it is, how long, how much, who took part, and what is known to be missing.</summary>
internal static class TraceHeader
{
    public static IEnumerable<Line> Lines(ShownTrace trace, int width)
    {
        Line NewLine() => new(width);
        yield return NewLine().Add(trace.RootName.Length > 0 ? trace.RootName : "(no span)", Paint.Strong)
            .Add("  ").Add(trace.RootService, Paint.Service(trace.RootService));
        yield return NewLine().Add("trace ", Paint.Faint).Add(trace.Id)
            .Add(trace.SpanCount > 0 ? $"  {Figures.Time(trace.StartUnixNano)} UTC" : "", Paint.Faint);

        Line counts = NewLine().Add(Figures.Duration(trace.DurationNano), Paint.Strong).Add($"  {Figures.Count(trace.SpanCount, "span")}  ");
        counts = trace.ErrorCount > 0 ? counts.Add($"✗ {Figures.Count(trace.ErrorCount, "error")}", Paint.Error) : counts.Add("0 errors");
        counts.Add($"  {Figures.Count(trace.Services.Count, "service")}  ");
        yield return trace.Reasons.Count == 0 ? counts.Add("complete", Paint.Good) : counts.Add(trace.Status, Paint.Doubt);

        foreach (ShownReason reason in trace.Reasons)
            foreach (Line line in Wrapped($"! {reason.Detail}", width)) yield return line;
        foreach (ShownSkew skew in trace.Skews.Values.DistinctBy(skew => (skew.Service, skew.OffsetNano)).OrderBy(skew => skew.Service, StringComparer.Ordinal))
            yield return NewLine().Add($"! The clock of {skew.Service} is {Figures.Duration(Math.Abs(skew.OffsetNano))} {(skew.OffsetNano < 0 ? "behind" : "ahead")}, "
                + $"± {Figures.Duration(skew.UncertaintyNano)}; times are shown as they were sent.", Paint.Doubt);

        Line services = NewLine();
        foreach (ShownService service in trace.Services.OrderByDescending(service => service.Spans).ThenBy(service => service.Name, StringComparer.Ordinal))
        {
            string name = Visible.Of(service.Name), count = $" {Figures.Count(service.Spans)}", errors = service.Errors > 0 ? $" ✗{Figures.Count(service.Errors)}" : "";
            if (services.Used > 0 && services.Left < Visible.Width(name) + count.Length + errors.Length + 3)
            {
                yield return services;
                services = NewLine();
            }
            if (services.Used > 0) services.Add("   ");
            services.Add(name, Paint.Service(service.Name)).Add(count, Paint.Faint).Add(errors, Paint.Error);
        }
        if (services.Used > 0) yield return services;
    }

    private static IEnumerable<Line> Wrapped(string text, int width)
    {
        var line = new Line(width);
        foreach (string word in text.Split(' '))
        {
            if (line.Used > 2 && line.Left < Visible.Width(Visible.Of(word)) + 1)
            {
                yield return line;
                line = new Line(width).Add("  ");
            }
            line.Add(line.Used is 0 or 2 ? word : $" {word}", Paint.Doubt);
        }
        yield return line;
    }
}
