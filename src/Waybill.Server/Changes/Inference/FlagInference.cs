using System.Globalization;
using System.Text.Json;
using Waybill.Flags;

namespace Waybill.Changes.Inference;

/// <summary>Infers that a flag was switched: a value that was not there before, or one whose share of the evaluations jumped.</summary>
public static class FlagInference
{
    private const long Minute = 60_000_000_000;
    private const int WindowMinutes = 5, EvaluationsMin = 30, ExpectedMin = 10;

    /// <summary>A share that moves by less, or that chance moves so far once in ten thousand times, is no switch.</summary>
    private const double ShiftMin = 0.25, DeviationsMin = 4;

    /// <param name="shares">Minute by minute.</param>
    /// <param name="completeUntilUnixNano">Minutes from here on may still get evaluations and are left out.</param>
    public static List<ChangeReport> Infer(IEnumerable<FlagShare> shares, long completeUntilUnixNano)
    {
        var changes = new List<ChangeReport>();
        foreach (var flag in shares.Where(share => share.BucketUnixNano + Minute <= completeUntilUnixNano).GroupBy(share => (share.Environment, share.Key)))
        {
            var minutes = new SortedDictionary<long, Dictionary<string, FlagShare>>();
            foreach (FlagShare share in flag)
            {
                if (!minutes.TryGetValue(share.BucketUnixNano / Minute, out var values)) minutes[share.BucketUnixNano / Minute] = values = [];
                values[share.Value] = share;
            }
            long? lastAt = null;
            foreach (var (at, values) in minutes)
            {
                if (at - lastAt < WindowMinutes * 2) continue;   // one switch is seen from several minutes
                if (Switched(flag.Key.Environment, flag.Key.Key, minutes, at, values) is not { } change) continue;
                changes.Add(change);
                lastAt = at;
            }
        }
        return changes;
    }

    private static ChangeReport? Switched(string environment, string key, SortedDictionary<long, Dictionary<string, FlagShare>> minutes, long at, Dictionary<string, FlagShare> values)
    {
        Dictionary<string, double> before = Sum(minutes, at - WindowMinutes, at), after = Sum(minutes, at, at + WindowMinutes), ever = Sum(minutes, long.MinValue, at);
        double total = before.Values.Sum(), now = after.Values.Sum();
        if (total < EvaluationsMin) return null;
        // A value is news when so many evaluations before would have shown it, had it been as frequent as it is now.
        if (values.Values.Where(share => !ever.ContainsKey(share.Value)).MinBy(share => share.FirstUnixNano) is { } news && ever.Values.Sum() * Share(after, now, news.Value) >= ExpectedMin)
            return Report(environment, key, news.FirstUnixNano, before, after, values, $"Value {news.Value} of {key} was seen for the first time at {Time(news.FirstUnixNano)}.");

        if (now < EvaluationsMin) return null;
        string moved = before.Keys.Union(after.Keys).MaxBy(value => Math.Abs(Share(after, now, value) - Share(before, total, value)))!;
        double from = Share(before, total, moved), to = Share(after, now, moved), pooled = (before.GetValueOrDefault(moved) + after.GetValueOrDefault(moved)) / (total + now);
        double error = Math.Sqrt(pooled * (1 - pooled) * (1 / total + 1 / now));
        if (Math.Abs(to - from) < ShiftMin || Math.Abs(to - from) < DeviationsMin * error) return null;
        // The minute in which the share itself has moved by half: of windows that touch the switch the earliest would be taken.
        double minute = values.Values.Sum(share => share.WeightedCount);
        if (minute > 0 && Math.Abs(Share(values.ToDictionary(pair => pair.Key, pair => pair.Value.WeightedCount), minute, moved) - from) < Math.Abs(to - from) / 2) return null;
        return Report(environment, key, at * Minute, before, after, values, $"{moved} was {Percent(from)} of the evaluations of {key} in the {WindowMinutes} minutes before {Time(at * Minute)}, and {Percent(to)} after.");
    }

    private static ChangeReport Report(string environment, string key, long unixNano, Dictionary<string, double> before, Dictionary<string, double> after, Dictionary<string, FlagShare> values, string evidence)
    {
        string[] services = [.. values.Values.SelectMany(share => share.Services).Distinct()];
        string named = $"{environment}/flags/{key}/{unixNano / (10 * Minute)}";
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"inferred/{named}"), Key = named, Kind = ChangeKind.FeatureFlag, Source = "inferred", Type = "flag", Subject = key, Environment = environment,
            Service = services.Length == 1 ? services[0] : "", Summary = $"Flag {key} switched: {Shares(before)} before, {Shares(after)} after", Before = Json(before), After = Json(after),
            Evidence = JsonSerializer.Serialize(new[] { evidence, $"Evaluated by {string.Join(", ", services)}." }), ReportedUnixNano = unixNano, StartedUnixNano = unixNano,
        };
    }

    private static Dictionary<string, double> Sum(SortedDictionary<long, Dictionary<string, FlagShare>> minutes, long from, long until)
    {
        var sums = new Dictionary<string, double>();
        foreach (var (at, values) in minutes)
            if (at >= from && at < until)
                foreach (FlagShare share in values.Values) sums[share.Value] = sums.GetValueOrDefault(share.Value) + share.WeightedCount;
        return sums;
    }

    private static double Share(Dictionary<string, double> sums, double total, string value) => sums.GetValueOrDefault(value) / total;

    private static string Shares(Dictionary<string, double> sums) =>
        string.Join(", ", sums.OrderByDescending(pair => pair.Value).Take(4).Select(pair => $"{pair.Key} {Percent(pair.Value / sums.Values.Sum())}"));

    private static string Json(Dictionary<string, double> sums) =>
        JsonSerializer.Serialize(sums.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => Percent(pair.Value / sums.Values.Sum())));

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    private static string Time(long unixNano) => DateTimeOffset.FromUnixTimeMilliseconds(unixNano / 1_000_000).ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
