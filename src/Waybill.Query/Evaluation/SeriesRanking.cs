namespace Waybill.Query.Evaluation;

/// <summary><c>topk</c> and <c>bottomk</c>: at each time the n greatest or smallest stay. Of equal values the series whose labels come first in text order.</summary>
public static class SeriesRanking
{
    public static IReadOnlyList<Series> Keep(IReadOnlyList<Series> all, bool top, long count)
    {
        if (all.Count == 0 || count >= all.Count) return all;
        Series[] ordered = [.. all.OrderBy(series => string.Join(',', series.Labels), StringComparer.Ordinal)];
        double[][] kept = [.. ordered.Select(series => Enumerable.Repeat(double.NaN, series.Values.Length).ToArray())];
        for (int time = 0; time < ordered[0].Values.Length; time++)
        {
            int at = time;
            var present = Enumerable.Range(0, ordered.Length).Where(i => !double.IsNaN(ordered[i].Values[at]));
            foreach (int i in (top ? present.OrderByDescending(i => ordered[i].Values[at]) : present.OrderBy(i => ordered[i].Values[at])).Take((int)count))
                kept[i][at] = ordered[i].Values[at];
        }
        return [.. ordered.Select((series, i) => series with { Values = kept[i] }).Where(series => !series.IsEmpty)];
    }
}
