namespace Waybill.Map;

/// <summary>Weighted durations in buckets of an eighth of an octave: any quantile is right to within 4.5 %, and two of them add up.</summary>
public sealed class Latencies
{
    private const double BucketsPerOctave = 8;
    private readonly SortedDictionary<int, double> _weights = [];

    public double Count { get; private set; }

    public void Add(int bucket, double weight)
    {
        _weights[bucket] = _weights.GetValueOrDefault(bucket) + weight;
        Count += weight;
    }

    public void Add(Latencies other)
    {
        foreach ((int bucket, double weight) in other._weights) Add(bucket, weight);
    }

    /// <summary>The duration below which this share lies; null when there is none.</summary>
    public double? QuantileNano(double share)
    {
        if (Count <= 0) return null;
        double wanted = share * Count, below = 0;
        foreach ((int bucket, double weight) in _weights)
        {
            if (below + weight >= wanted) return Math.Round(Math.Pow(2, (bucket + (wanted - below) / weight) / BucketsPerOctave));
            below += weight;
        }
        return Math.Round(Math.Pow(2, (_weights.Keys.Last() + 1) / BucketsPerOctave));
    }
}
