using System.Text;
using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>Operators between two single values.</summary>
public static class Arithmetic
{
    /// <summary>False for values of types that do not compare, whatever the operator.</summary>
    public static bool Holds(Operator op, Static left, Static right)
    {
        if (left.IsNumeric && right.IsNumeric)
        {
            bool floats = left.Type == StaticType.Float || right.Type == StaticType.Float;
            return floats ? Holds(op, left.Number, right.Number) : Holds(op, left.Integer.CompareTo(right.Integer));
        }
        bool statusAsInt = left.Type == StaticType.Int && right.Type == StaticType.Status || left.Type == StaticType.Status && right.Type == StaticType.Int;
        if (!statusAsInt && left.Type != right.Type || left.Type == StaticType.Nil) return false;
        if (left.Type == StaticType.String) return Holds(op, CompareBytes(left.Text!, right.Text!));
        return (op is Operator.Equal or Operator.NotEqual || left.Type == StaticType.Severity) && Holds(op, left.Integer.CompareTo(right.Integer));
    }

    /// <returns>Nil where there is no result: not two numbers, an int divided by zero.</returns>
    public static Static Calculate(Operator op, Static left, Static right)
    {
        if (!left.IsNumeric || !right.IsNumeric) return Static.Nil;
        if (op == Operator.Power) return Static.Of(Math.Pow(left.Number, right.Number));
        if (left.Type == StaticType.Float || right.Type == StaticType.Float) return Static.Of(Floats(op, left.Number, right.Number));
        if (Ints(op, left.Integer, right.Integer) is not { } result) return Static.Nil;
        return left.Type == StaticType.Duration || right.Type == StaticType.Duration ? Static.Duration(result) : Static.Of(result);
    }

    public static Static Negate(Static value) => value.Type switch
    {
        StaticType.Int => Static.Of(unchecked(-value.Integer)),
        StaticType.Float => Static.Of(-value.Float),
        StaticType.Duration => Static.Duration(unchecked(-value.Integer)),
        _ => Static.Nil,
    };

    private static double Floats(Operator op, double left, double right) => op switch
    {
        Operator.Add => left + right,
        Operator.Subtract => left - right,
        Operator.Multiply => left * right,
        Operator.Divide => left / right,
        _ => left % right,
    };

    private static long? Ints(Operator op, long left, long right) => op switch
    {
        Operator.Add => unchecked(left + right),
        Operator.Subtract => unchecked(left - right),
        Operator.Multiply => unchecked(left * right),
        Operator.Divide or Operator.Modulo when right == 0 => null,
        Operator.Divide => right == -1 ? unchecked(-left) : left / right,
        _ => right == -1 ? 0 : left % right,
    };

    private static bool Holds(Operator op, double left, double right) => op switch
    {
        Operator.Equal => left == right,
        Operator.NotEqual => left != right,
        Operator.Less => left < right,
        Operator.LessOrEqual => left <= right,
        Operator.Greater => left > right,
        _ => left >= right,
    };

    private static bool Holds(Operator op, int order) => Holds(op, order, 0.0);

    // The order of UTF-8 bytes, which UTF-16 units do not have.
    private static int CompareBytes(string left, string right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
}
