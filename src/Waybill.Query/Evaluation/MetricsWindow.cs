namespace Waybill.Query.Evaluation;

/// <summary>The times of a metrics answer. The bucket stamped T holds the spans that started in (T - step, T].</summary>
/// <param name="FirstUnixNano">The first stamp.</param>
/// <param name="LastUnixNano">The last stamp.</param>
public readonly record struct MetricsWindow(long FirstUnixNano, long LastUnixNano, long StepNano)
{
    private const long Second = 1_000_000_000;

    // About this many samples, at a step that people read.
    private const long SamplesWanted = 240;

    private static readonly long[] Steps = [3600 * Second, 300 * Second, 60 * Second, 15 * Second, 5 * Second, Second];

    public int Count => (int)((LastUnixNano - FirstUnixNano) / StepNano) + 1;

    /// <summary>Buckets that cover a range, aligned to the step, and one before it.</summary>
    public static MetricsWindow Over(long startUnixNano, long endUnixNano, long stepNano)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepNano);
        ArgumentOutOfRangeException.ThrowIfLessThan(endUnixNano, startUnixNano);
        long first = startUnixNano - Remainder(startUnixNano, stepNano), rest = Remainder(endUnixNano, stepNano);
        return new(first, rest == 0 ? endUnixNano : endUnixNano - rest + stepNano, stepNano);
    }

    /// <summary>One bucket for the whole range: (start, end].</summary>
    public static MetricsWindow Instant(long startUnixNano, long endUnixNano) => new(endUnixNano, endUnixNano, endUnixNano - startUnixNano);

    public static long DefaultStepNano(long startUnixNano, long endUnixNano)
    {
        long range = endUnixNano - startUnixNano;
        if (range < 60 * Second) return Second / 20;
        long step = range / SamplesWanted;
        long unit = Array.Find(Steps, unit => unit < step);
        return unit == 0 ? Second : step - step % unit;
    }

    public long Stamp(int index) => FirstUnixNano + index * StepNano;

    /// <returns>-1 outside.</returns>
    public int IndexOf(long unixNano)
    {
        long after = unixNano - (FirstUnixNano - StepNano);   // (0, step] is the first bucket
        if (after <= 0 || unixNano > LastUnixNano) return -1;
        return (int)((after - 1) / StepNano);
    }

    private static long Remainder(long time, long step) => (time % step + step) % step;
}
