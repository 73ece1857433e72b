namespace Waybill.Terminal;

/// <summary>A series as one line of blocks.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <param name="values">NaN where there is none: it shows as a space.</param>
    /// <param name="width">Columns at most; several values in a column show as their greatest, for a peak must not vanish.</param>
    public static string Of(ReadOnlySpan<double> values, int width)
    {
        int columns = Math.Min(width, values.Length);
        Span<double> shown = columns <= 256 ? stackalloc double[columns] : new double[columns];
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (int column = 0; column < columns; column++)
        {
            shown[column] = Greatest(values[(int)((long)column * values.Length / columns)..(int)((long)(column + 1) * values.Length / columns)]);
            if (double.IsNaN(shown[column])) continue;
            (low, high) = (Math.Min(low, shown[column]), Math.Max(high, shown[column]));
        }
        // From zero, unless the values are far from it in one direction: a flat line is flat.
        if (low > 0 && low < high / 2) low = 0;
        Span<char> line = columns <= 256 ? stackalloc char[columns] : new char[columns];
        for (int column = 0; column < columns; column++)
        {
            double part = high > low ? (shown[column] - low) / (high - low) : 0;
            line[column] = double.IsNaN(shown[column]) ? ' ' : Blocks[(int)Math.Clamp(Math.Round(part * (Blocks.Length - 1)), 0, Blocks.Length - 1)];
        }
        return line.ToString();
    }

    private static double Greatest(ReadOnlySpan<double> values)
    {
        double greatest = double.NaN;
        foreach (double value in values)
            if (double.IsNaN(greatest) || value > greatest) greatest = value;
        return greatest;
    }
}
