using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>Arithmetic between series with the same labels, or with a number.</summary>
public static class SeriesArithmetic
{
    /// <param name="Number">Null for series.</param>
    public readonly record struct Side(double? Number, IReadOnlyList<Series> Series);

    public static IReadOnlyList<Series> Join(Operator op, Side left, Side right)
    {
        if (left.Number is { } a) return [.. right.Series.Select(series => series with { Values = [.. series.Values.Select(value => Calculate(op, a, value))] })];
        if (right.Number is { } b) return [.. left.Series.Select(series => series with { Values = [.. series.Values.Select(value => Calculate(op, value, b))] })];
        if (IsBare(left)) return [.. right.Series.SelectMany(series => left.Series.Select(bare => Joined(op, series.Labels, bare, series)))];
        if (IsBare(right)) return [.. left.Series.SelectMany(series => right.Series.Select(bare => Joined(op, series.Labels, series, bare)))];
        ILookup<NodeList<Label>, Series> others = right.Series.ToLookup(Key);
        return [.. left.Series.SelectMany(series => others[Key(series)].Select(other => Joined(op, series.Labels, series, other)))];
    }

    // One series without labels goes with every one of the other side.
    private static bool IsBare(Side side) => side.Series is [var only] && Key(only).Count == 0;

    private static NodeList<Label> Key(Series series) =>
        [.. series.Labels.Where(label => label.Name != Series.NameLabel).OrderBy(label => label.Name, StringComparer.Ordinal)];

    private static Series Joined(Operator op, NodeList<Label> labels, Series left, Series right) =>
        new(labels, [.. left.Values.Zip(right.Values, (a, b) => Calculate(op, a, b))]);

    /// <returns>NaN where a side has no value, and for a division by zero.</returns>
    public static double Calculate(Operator op, double left, double right) => op switch
    {
        Operator.Add => left + right,
        Operator.Subtract => left - right,
        Operator.Multiply => left * right,
        _ => right == 0 ? double.NaN : left / right,
    };
}
