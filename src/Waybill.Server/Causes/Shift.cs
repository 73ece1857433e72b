namespace Waybill.Causes;

/// <summary>How a measure moved between the baseline and the window.</summary>
/// <param name="Z">Standard deviations of the strongest of several robust tests, upwards; what the baseline itself varies from block to block counts as noise.</param>
/// <param name="Delta">Cliff's delta: -1 to 1, how much more often a value of the window is larger than one of the baseline than smaller.</param>
/// <param name="BaselineMean">Without the largest values, which say more about one request than about the time.</param>
public readonly record struct Shift(double Z, double ZDown, double Delta, double BaselineMean, double WindowMean, double BaselineMedian, double WindowMedian, int BaselineCount, int WindowCount)
{
    /// <summary>Shares of the baseline above which values are counted: the middle tells a general shift, the tail a fault that hits few.</summary>
    private static readonly double[] Levels = [0.5, 0.75, 0.9, 0.95, 0.99];

    /// <summary>Standard deviations from which on a shift is believed at all. Hundreds of measures are looked at, so three would be chance.</summary>
    public const double ZBelieved = 3.5;

    /// <summary>0 when it may be chance, towards 1 when it cannot be.</summary>
    public static double Certainty(double z) => z <= ZBelieved ? 0 : 1 - Math.Exp(-(z - ZBelieved) / 3);

    public double Certain => Certainty(Z);

    /// <summary>0 for no rise, 0.5 for twice as much, towards 1 for many times as much.</summary>
    public double Rise(double grain) => Math.Max(0, 1 - (BaselineMean + grain) / (WindowMean + grain));

    /// <param name="baseline">Values with the block of time each lies in; sorted by value on return.</param>
    /// <param name="window">Sorted on return.</param>
    public static Shift Of(double[] baseline, int[] blocks, int blockCount, double[] window)
    {
        Array.Sort(baseline, blocks);
        Array.Sort(window);
        if (baseline.Length == 0 || window.Length == 0)
            return new Shift(0, 0, 0, Mean(baseline), Mean(window), Quantile(baseline, 0.5), Quantile(window, 0.5), baseline.Length, window.Length);
        double up = 0, down = 0;
        foreach (double level in Levels)
        {
            // None above when all are alike; then any value of the window above them is news.
            int above = AboveIndex(baseline, level), below = LowerBound(baseline, baseline[(int)((1 - level) * (baseline.Length - 1))]);
            up = Math.Max(up, Exceed(baseline.Length - above, baseline.Length, window.Length - UpperBound(window, baseline[above - 1]), window.Length, BlockNoise(blocks.AsSpan(above), blocks, blockCount)));
            down = Math.Max(down, Exceed(below, baseline.Length, LowerBound(window, baseline[below]), window.Length, BlockNoise(blocks.AsSpan(0, below), blocks, blockCount)));
        }
        return new Shift(up, down, CliffsDelta(baseline, window), Mean(baseline), Mean(window), Quantile(baseline, 0.5), Quantile(window, 0.5), baseline.Length, window.Length);
    }

    /// <summary>Number of values at or below the level's quantile.</summary>
    private static int AboveIndex(double[] sorted, double level) => UpperBound(sorted, sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(level * sorted.Length) - 1)]);

    /// <summary>Standard deviations by which <paramref name="hits"/> of <paramref name="count"/> lies above what the baseline promises.</summary>
    /// <param name="noise">Standard deviation of the share over times as long as the window, beyond chance.</param>
    public static double Exceed(double baselineHits, double baselineCount, double hits, double count, double noise)
    {
        if (count == 0 || baselineCount == 0) return 0;
        double share = (baselineHits + 0.5) / (baselineCount + 1), expected = share * count;
        // One expected event more, so that two of five slow calls are no proof of anything.
        double variance = expected * (1 - share) * (1 + count / baselineCount) + 1 + noise * noise * count * count;
        return (hits - 0.5 - expected) / Math.Sqrt(variance);
    }

    /// <summary>How much the share of hits varies between blocks of the baseline, beyond what chance explains. Median-based: a block with an incident of its own does not hide the next.</summary>
    public static double BlockNoise(ReadOnlySpan<int> hitBlocks, ReadOnlySpan<int> allBlocks, int blockCount)
    {
        if (blockCount < 3) return 0;
        Span<int> hits = blockCount <= 64 ? stackalloc int[blockCount] : new int[blockCount], all = blockCount <= 64 ? stackalloc int[blockCount] : new int[blockCount];
        foreach (int block in hitBlocks) hits[block]++;
        foreach (int block in allBlocks) all[block]++;
        double total = (double)hitBlocks.Length / Math.Max(1, allBlocks.Length);
        var squares = new List<double>(blockCount);
        double chance = 0;
        for (int i = 0; i < blockCount; i++)
        {
            if (all[i] < 3) continue;
            double off = (double)hits[i] / all[i] - total;
            squares.Add(Math.Abs(off));
            chance += total * (1 - total) / all[i];
        }
        if (squares.Count < 3) return 0;
        squares.Sort();
        double spread = 1.4826 * squares[squares.Count / 2];
        return Math.Sqrt(Math.Max(0, spread * spread - chance / squares.Count));
    }

    /// <summary>Probability that at least <paramref name="hits"/> of <paramref name="drawn"/> are among <paramref name="allHits"/> of <paramref name="all"/>, drawn by chance (hypergeometric).</summary>
    public static double TailOf(int hits, int drawn, int allHits, int all)
    {
        double sum = 0;
        for (int k = hits; k <= Math.Min(drawn, allHits); k++)
            if (drawn - k <= all - allHits) sum += Math.Exp(LogChoose(allHits, k) + LogChoose(all - allHits, drawn - k) - LogChoose(all, drawn));
        return Math.Min(1, sum);

        static double LogChoose(int n, int k) => LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);

        // Stirling's series: exact to eight digits from 10 on.
        static double LogFactorial(int n)
        {
            if (n >= 10) return n * Math.Log(n) - n + 0.5 * Math.Log(2 * Math.PI * n) + 1.0 / (12.0 * n) - 1.0 / (360.0 * n * n * n);
            double product = 1;
            for (int i = 2; i <= n; i++) product *= i;
            return Math.Log(product);
        }
    }

    /// <summary>Of sorted values.</summary>
    public static double CliffsDelta(double[] baseline, double[] window)
    {
        double sum = 0;
        int below = 0, notAbove = 0;
        foreach (double value in window)
        {
            while (below < baseline.Length && baseline[below] < value) below++;
            while (notAbove < baseline.Length && baseline[notAbove] <= value) notAbove++;
            sum += below - (baseline.Length - notAbove);
        }
        return sum / ((double)baseline.Length * window.Length);
    }

    public static double Quantile(double[] sorted, double level) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(level * sorted.Length))];

    /// <summary>Mean of sorted values without the largest half per cent.</summary>
    public static double Mean(double[] sorted)
    {
        if (sorted.Length == 0) return 0;
        int kept = sorted.Length - sorted.Length / 200;
        double sum = 0;
        for (int i = 0; i < kept; i++) sum += sorted[i];
        return sum / kept;
    }

    private static int UpperBound(double[] sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] <= value) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static int LowerBound(double[] sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
