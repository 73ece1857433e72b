using System.Numerics;

namespace Waybill.Query.Evaluation;

/// <summary>Buckets whose bounds are powers of two; a bucket is named by its upper bound, which belongs to it.</summary>
public static class PowerOfTwo
{
    /// <param name="value">At least 2: smaller ones have no bucket.</param>
    public static double Bucket(long value) => Math.ScaleB(1, 64 - BitOperations.LeadingZeroCount((ulong)(value - 1)));

    /// <summary>The value below which a part of all lies: the bound of the bucket that is reached exactly, else in between on a logarithmic scale.</summary>
    /// <param name="buckets">Present ones, ascending, with their counts.</param>
    public static double Quantile(double quantile, ReadOnlySpan<(double Max, double Count)> buckets)
    {
        double all = 0, before = 0;
        foreach (var (_, count) in buckets) all += count;
        double rank = Math.Max(1, Math.Ceiling(quantile * all));
        for (int i = 0; i < buckets.Length; i++)
        {
            var (max, count) = buckets[i];
            if (before + count == rank || i == buckets.Length - 1 && before + count < rank) return max;
            if (before + count > rank)
            {
                double high = Math.Log2(max), low = i > 0 ? Math.Log2(buckets[i - 1].Max) : high - 1;
                return Math.Pow(2, low + (high - low) * (rank - before) / count);
            }
            before += count;
        }
        return double.NaN;
    }
}
