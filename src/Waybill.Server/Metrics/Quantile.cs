namespace Waybill.Metrics;

/// <summary>So many values lie above <see cref="Lower"/> and up to <see cref="Upper"/>; all at one point when they are equal.</summary>
/// <param name="IsExponential">Values lie evenly by their logarithm, as in buckets whose bounds grow by a factor; else by their size.</param>
internal readonly record struct Cell(double Lower, double Upper, double Count, bool IsExponential = false)
{
    /// <summary>How many values are at most <paramref name="x"/>.</summary>
    public double AtMost(double x) => x >= Upper ? Count : x <= Lower ? 0 : Count * Share(x, Lower, Upper, IsExponential && Lower * Upper > 0);

    /// <summary>Where between two bounds <paramref name="x"/> lies, from 0 to 1.</summary>
    private static double Share(double x, double lower, double upper, bool byLogarithm) => byLogarithm ? Math.Log(x / lower) / Math.Log(upper / lower) : (x - lower) / (upper - lower);
}

/// <summary>Quantiles of values of which only is known how many lie between which bounds. Cells may overlap: series with different bounds count together.</summary>
internal static class Quantile
{
    /// <summary>Counts below this share of all are what rounding has left of a difference.</summary>
    private const double NothingShare = 1e-9;

    private const int Halvings = 60;   // a double has 53 bits

    /// <summary>Cells of a histogram: below the first bound values begin at 0, or lie at it when it is not above 0; beyond the last they lie at it. As in Prometheus.</summary>
    /// <param name="counts">One more than bounds.</param>
    public static IEnumerable<Cell> CellsOf(double[] bounds, double[] counts)
    {
        if (bounds.Length == 0 || counts.Length != bounds.Length + 1) yield break;
        yield return new(bounds[0] > 0 ? 0 : bounds[0], bounds[0], counts[0]);
        for (int i = 1; i < bounds.Length; i++) yield return new(bounds[i - 1], bounds[i], counts[i]);
        yield return new(bounds[^1], bounds[^1], counts[^1]);
    }

    /// <summary>Cells of an exponential histogram, but for its zeros.</summary>
    /// <param name="numbers">Twice a bucket's index, and one more on the positive side.</param>
    public static IEnumerable<Cell> CellsOf(int scale, long[] numbers, double[] counts)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            double near = Bound(numbers[i] >> 1, scale), far = Bound((numbers[i] >> 1) + 1, scale);
            yield return (numbers[i] & 1) == 1 ? new(near, far, counts[i], IsExponential: true) : new(-far, -near, counts[i], IsExponential: true);
        }
    }

    /// <summary>The cell of values that are zero or nearly: on the side of the others, when these are all on one. As in Prometheus.</summary>
    public static Cell Zeros(double threshold, double count, IReadOnlyList<Cell> others)
    {
        double nothing = NothingShare * others.Sum(cell => Math.Max(0, cell.Count));
        bool anyNegative = others.Any(cell => cell.Count > nothing && cell.Lower < 0), anyPositive = others.Any(cell => cell.Count > nothing && cell.Upper > 0);
        return new(anyPositive && !anyNegative ? 0 : -threshold, anyNegative && !anyPositive ? 0 : threshold, count);
    }

    /// <returns>Null when there are no values.</returns>
    public static double? Of(double share, IEnumerable<Cell> some)
    {
        Cell[] cells = [.. some];
        double all = cells.Sum(cell => Math.Max(0, cell.Count));
        cells = [.. cells.Where(cell => cell.Count > NothingShare * all)];
        if (cells.Length == 0) return null;
        double[] edges = [.. cells.SelectMany(cell => (double[])[cell.Lower, cell.Upper]).Distinct().Order()];
        double rank = (share - NothingShare) * cells.Sum(cell => cell.Count);   // so that rounding does not carry it over an empty stretch
        int low = 0, high = edges.Length - 1;   // the first edge with so many values up to it
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (AtMost(cells, edges[middle]) >= rank) high = middle;
            else low = middle + 1;
        }
        return low == 0 ? edges[0] : Between(cells, edges[low - 1], edges[low], rank);
    }

    private static double Between(Cell[] cells, double lower, double upper, double rank)
    {
        double before = AtMost(cells, lower), atUpper = cells.Where(cell => cell.Lower == upper && cell.Upper == upper).Sum(cell => cell.Count);
        double within = AtMost(cells, upper) - atUpper - before;
        if (rank > before + within || within <= 0) return upper;
        Cell[] across = [.. cells.Where(cell => cell.Lower < upper && cell.Upper > lower)];
        double part = (rank - before) / within;
        if (across.All(cell => !cell.IsExponential)) return lower + (upper - lower) * part;
        if (lower * upper > 0 && across.All(cell => cell.IsExponential)) return lower * Math.Pow(upper / lower, part);
        for (int i = 0; i < Halvings; i++)   // some lie evenly by their size, some by their logarithm: there is no formula
        {
            double middle = lower + (upper - lower) / 2;
            if (AtMost(cells, middle) >= rank) upper = middle;
            else lower = middle;
        }
        return upper;
    }

    private static double AtMost(Cell[] cells, double x) => cells.Sum(cell => cell.AtMost(x));

    // base = 2^(2^-scale); what a double cannot say is its greatest, or 0.
    private static double Bound(long index, int scale) => Math.Min(double.MaxValue, Math.Pow(2, Math.ScaleB(index, -scale)));
}
