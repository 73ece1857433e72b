namespace Waybill.Measuring;

/// <summary>Exact percentiles by rank (nearest rank), in the unit of what was given.</summary>
internal sealed class Percentiles
{
    private readonly double[] _sorted;

    public Percentiles(IEnumerable<double> values)
    {
        _sorted = [.. values];
        Array.Sort(_sorted);
    }

    public int Count => _sorted.Length;

    /// <summary>Ascending.</summary>
    public IReadOnlyList<double> Values => _sorted;

    public double P50 => At(0.50);

    public double P90 => At(0.90);

    public double P99 => At(0.99);

    public double Max => At(1);

    /// <summary>NaN when there is nothing.</summary>
    public double At(double share) => Count == 0 ? double.NaN : _sorted[Math.Max(0, (int)Math.Ceiling(share * Count) - 1)];
}
