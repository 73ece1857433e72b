using System.Text.RegularExpressions;

namespace Waybill.Causes;

/// <summary>A series of the baseline and the window: one value per bucket of time, rates where the metric counts up.</summary>
public sealed record ResourceSeries(string Metric, string? Service, string? Instance, double[] Baseline, double[] Window);

/// <summary>Level shifts of resource metrics: against the series' own past, and against what happened to the same metric everywhere (more traffic moves all).</summary>
public static partial class Resources
{
    private const int BaselineMin = 4, PeersMin = 4;
    /// <summary>How much a level may vary that was seen only a few times.</summary>
    private const double UnknownSpread = 0.15;
    private const double ZMin = 4, ZMax = 100, FallWeight = 0.3;

    /// <param name="Weight">How telling it is of the instance's own trouble.</param>
    /// <param name="Scale">Logarithm of the change that counts two thirds: memory that grows by a quarter says as much as a CPU that doubles.</param>
    private readonly record struct Kind(string Name, double Weight, double Scale);

    private readonly record struct Level(ResourceSeries Series, Kind Kind, double Before, double Now, double Z, double Change);

    public static List<Finding> Find(IReadOnlyList<ResourceSeries> series)
    {
        var findings = new List<Finding>();
        foreach (var metric in series.Where(s => s.Service is not null && s.Baseline.Length > 0 && s.Window.Length > 0).GroupBy(s => s.Metric).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var levels = Measure([.. metric]);
            double typical = levels.Count >= PeersMin ? Median([.. levels.Select(l => l.Change)]) : 0;
            // How much the others moved, too, is what it may move by itself.
            double apart = levels.Count >= PeersMin ? 1.4826 * Median([.. levels.Select(l => Math.Abs(l.Change - typical))]) : 0;
            foreach (var level in levels)
                if (level.Kind.Weight > 0 && Tell(level, typical, Math.Max(apart, 0.05)) is { } finding) findings.Add(finding);
        }
        double strongest = findings.Count == 0 ? 0 : findings.Max(f => f.Strength);
        return [.. findings.Select(f => f with { Explained = Math.Pow(f.Strength / strongest, 2) })];
    }

    private static List<Level> Measure(List<ResourceSeries> series)
    {
        // Where a metric is zero for most, one unit of what it can be is the measure, not nothing.
        double magnitude = Math.Max(Median([.. series.Select(s => Math.Abs(Median([.. s.Baseline])))]), series.Average(s => (Math.Abs(s.Baseline.Average()) + Math.Abs(s.Window.Average())) / 2)) + 1e-12;
        var levels = new List<Level>();
        foreach (var one in series)
        {
            double before = Median([.. one.Baseline]), now = NowOf(one.Window, before);
            double spread = 1.4826 * Median([.. one.Baseline.Select(v => Math.Abs(v - before))]);
            double scale = Math.Max(spread, (one.Baseline.Length < BaselineMin ? UnknownSpread : 0.05) * Math.Abs(before) + 0.02 * magnitude), grain = 0.05 * magnitude;
            double z = (now - before) / scale;
            double inside = now > before ? one.Baseline.Max() : one.Baseline.Min();
            // What the past reached now and then is no level of its own.
            if (now > before ? now <= inside : now >= inside) z /= 3;
            levels.Add(new Level(one, KindOf(one.Metric), before, now, z, Math.Log((Math.Max(0, now) + grain) / (Math.Max(0, before) + grain))));
        }
        return levels;
    }

    /// <summary>The level of the window, or of its end when it grows: a leak is only beginning at the begin.</summary>
    private static double NowOf(double[] window, double before)
    {
        double whole = Median([.. window]), end = Median(window[(window.Length * 2 / 3)..]);
        return Math.Abs(end - before) > Math.Abs(whole - before) ? end : whole;
    }

    private static Finding? Tell(Level level, double typical, double apart)
    {
        double change = level.Change - typical, z = Math.Min(Math.Abs(level.Z), Math.Abs(change) / apart);
        if (Math.Sign(change) != Math.Sign(level.Change) || z < ZMin) return null;
        double effect = 1 - Math.Exp(-Math.Abs(change) / level.Kind.Scale), certain = 1 - Math.Exp(-(Math.Min(z, ZMax) - ZMin) / 4);
        double strength = certain * effect * level.Kind.Weight * (change > 0 ? 1 : FallWeight);
        if (strength < 0.05) return null;
        var series = level.Series;
        return new Finding("resource", "resource", series.Service!, strength, 1,
            $"{level.Kind.Name} of {series.Instance ?? series.Service} ({series.Metric}): {Figure(level.Before)} -> {Figure(level.Now)}, {z:0} deviations {(change > 0 ? "above" : "below")} its usual level")
            { Instance = series.Instance, Baseline = level.Before, Window = level.Now, Unit = series.Metric, BaselineCount = series.Baseline.Length, WindowCount = series.Window.Length };
    }

    private static Kind KindOf(string metric)
    {
        if (Cpu().IsMatch(metric)) return new("CPU", 0.75, 0.7);
        if (Memory().IsMatch(metric)) return new("memory", 0.7, 0.25);
        // What a runtime counts of itself (collections, compiled methods, pools) moves all the time and says little.
        if (Runtime().IsMatch(metric)) return new(metric, 0, 1);
        if (Sockets().IsMatch(metric)) return new("sockets", 0.7, 0.7);
        if (Disk().IsMatch(metric)) return new("disk", 0.65, 1);
        if (Network().IsMatch(metric)) return new("network", 0.5, 1);
        return new(metric, 0.15, 1);
    }

    internal static double Median(double[] values)
    {
        if (values.Length == 0) return 0;
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[values.Length / 2 - 1] + values[values.Length / 2]) / 2;
    }

    private static string Figure(double value) => Math.Abs(value) switch
    {
        >= 1e9 => $"{value / 1e9:0.00} G", >= 1e6 => $"{value / 1e6:0.00} M", >= 1e4 => $"{value / 1e3:0.0} k", >= 10 => $"{value:0}", >= 0.01 => $"{value:0.00}", _ => $"{value:0.0000}",
    };

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex("cpu|throttl|load[_.]?average", Options)] private static partial Regex Cpu();
    [GeneratedRegex("working_?set|resident|rss|oom|(^|[^a-z])mem(ory)?([^a-z]*(us(ed|age)|rate|pct|percent|bytes|mi|util).*)?$|memory.?usage", Options)] private static partial Regex Memory();
    [GeneratedRegex("^(dotnet|jvm|go|python|nodejs|v8js|process[._]runtime|kestrel|aspnetcore|http|rpc|db|signalr|otel|messaging)[._]|(^|[._])(gc|jit)[._]", Options)] private static partial Regex Runtime();
    [GeneratedRegex("socket|conn(ection)?s?([^a-z]|$)|[_.]fds?$|file_?desc", Options)] private static partial Regex Sockets();
    [GeneratedRegex("disk|(^|[_.])fs[_.]|filesystem|block[_.]?io|[_.]io([_.]|$)|iops|iowait|syscall", Options)] private static partial Regex Disk();
    [GeneratedRegex("(^|[^a-z])net(work)?([^a-z]|$)|network|receive|transmit|[_.][rt]x([_.]|$)|tcp|packet", Options)] private static partial Regex Network();
}
