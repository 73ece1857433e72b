using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>Arithmetic with constants, done when the query is read.</summary>
internal static class Numbers
{
    public static Static Negated(Static value) => value.Type switch
    {
        StaticType.Int => Static.Of(unchecked(-value.Integer)),
        StaticType.Float => Static.Of(-value.Float),
        StaticType.Duration => Static.Duration(unchecked(-value.Integer)),
        _ => value,
    };

    /// <returns>Null when it has no result: a division of an int by 0, an overflow.</returns>
    public static Static? Folded(Operator op, Static left, Static right)
    {
        if (left.Type == StaticType.Int && right.Type == StaticType.Int) return Ints(op, left.Integer, right.Integer);
        double value = op switch
        {
            Operator.Add => left.Number + right.Number,
            Operator.Subtract => left.Number - right.Number,
            Operator.Multiply => left.Number * right.Number,
            Operator.Divide => left.Number / right.Number,
            _ => double.NaN,
        };
        return double.IsFinite(value) ? Static.Of(value) : null;
    }

    private static Static? Ints(Operator op, long left, long right)
    {
        Int128 a = left, b = right;
        if (op == Operator.Divide && b == 0) return null;
        Int128? value = op switch
        {
            Operator.Add => a + b,
            Operator.Subtract => a - b,
            Operator.Multiply => a * b,
            Operator.Divide => a / b,
            _ => null,
        };
        return value is { } fits && fits >= long.MinValue && fits <= long.MaxValue ? Static.Of((long)fits) : null;
    }
}
