using System.Globalization;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>One place where a row may hold a value under a name, as SQL. A value is stored under the letter of its type, so a name has several places.</summary>
/// <param name="Type">Letter of the type: s, i, d, b; j for arrays.</param>
/// <param name="Has">Whether the row has it.</param>
/// <param name="Value">Its text, '' where the row has none; of an int column the number, 0 where the row has none.</param>
/// <param name="IsNumber">Whether <paramref name="Value"/> is a number and not its text.</param>
/// <param name="Item">The arguments of the hash under which <c>ix_attributes</c> knows it, given its text; null when it is not in the index.</param>
internal sealed record StoredValue(char Type, string Has, string Value, bool IsNumber = false, Func<string, string>? Item = null)
{
    public string? Text => Type == 's' ? $"if({Has}, {Value}, NULL)" : null;

    public string? Number => Type switch
    {
        'i' => IsNumber ? $"nullIf(toInt64({Value}), 0)" : $"toInt64OrNull({Value})",
        'd' => $"toFloat64OrNull({Value})",
        _ => null,
    };

    public string? Bool => Type == 'b' ? $"if({Has}, {Value} = 'true', NULL)" : null;

    /// <summary>The value compared with one that stands in the query.</summary>
    public Predicate Compare(Operator op, Static literal, SqlParameters parameters) => Type switch
    {
        's' when literal.Type == StaticType.String => CompareText(op, literal.Text!, parameters),
        'i' or 'd' when literal.IsNumeric => CompareNumber(op, literal, parameters),
        'b' when literal.Type == StaticType.Bool => op switch
        {
            Operator.Equal => new($"{Value} = '{(literal.Integer != 0 ? "true" : "false")}'"),
            Operator.NotEqual => new($"{Value} = '{(literal.Integer != 0 ? "false" : "true")}'"),
            _ => Predicate.False,
        },
        'j' => new(Has, IsExact: false),
        _ => Predicate.False,
    };

    private Predicate CompareText(Operator op, string literal, SqlParameters parameters)
    {
        string sql = Comparison.OfTexts(Value, op, literal, parameters);
        string? index = op == Operator.Equal && Item is not null ? Hashed(parameters.Text(literal)) : null;
        // An absent value reads as an empty one, so only where an empty one would do must the row be asked whether it has it.
        return new(Comparison.Holds("", op, literal) ? $"({sql} AND {Has})" : sql, Index: index);
    }

    private Predicate CompareNumber(Operator op, Static literal, SqlParameters parameters)
    {
        string number = literal.Type == StaticType.Float || Type == 'd' ? parameters.Float(literal.Number) : parameters.Int(literal.Integer);
        if (IsNumber)
        {
            string compared = $"{Value} {op.Text()} {number}";
            return new(Comparison.Holds(0, op, literal.Number) ? $"({compared} AND {Has})" : compared);
        }
        string? index = op == Operator.Equal && Item is not null ? IndexOf(literal, parameters) : null;
        // A whole number has one text, and comparing it spares the conversion of every row's.
        if (op == Operator.Equal && Type == 'i' && literal.Type != StaticType.Float) return new($"{Value} = {parameters.Text(WholeText(literal.Integer))}", Index: index);
        string value = Type == 'i' && literal.Type == StaticType.Float ? $"toFloat64({Number})" : Number!;
        return new($"ifNull({value} {op.Text()} {number}, 0)", Index: index);
    }

    // The texts of a number are those that ValueText writes.
    private string? IndexOf(Static literal, SqlParameters parameters)
    {
        if (Type == 'i')
        {
            if (literal.Type != StaticType.Float) return Hashed(parameters.Text(WholeText(literal.Integer)));
            return literal.Float == Math.Floor(literal.Float) && Math.Abs(literal.Float) < 1L << 53 ? Hashed(parameters.Text(WholeText((long)literal.Float))) : null;
        }
        string text = literal.Number.ToString("R", CultureInfo.InvariantCulture);
        return literal.Number == 0 ? $"({Hashed("'0'")} OR {Hashed("'-0'")})" : Hashed(parameters.Text(text));
    }

    private string Hashed(string text) => $"has({SpanRow.HashedAttributes}, cityHash64({Item!(text)}))";

    private static string WholeText(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Comparisons of the query language, in SQL and here.</summary>
internal static class Comparison
{
    public static string OfTexts(string value, Operator op, string literal, SqlParameters parameters) => op switch
    {
        Operator.Match => $"match({value}, {parameters.Text(Anchored(literal))})",
        Operator.NotMatch => $"NOT match({value}, {parameters.Text(Anchored(literal))})",
        _ => $"{value} {op.Text()} {parameters.Text(literal)}",
    };

    /// <summary>The engine's match() searches; the language matches the whole value.</summary>
    public static string Anchored(string regex) => $"^(?:{regex})\\z";

    public static bool Holds(string value, Operator op, string literal)
    {
        int order = string.CompareOrdinal(value, literal);
        return op switch
        {
            Operator.Match or Operator.NotMatch => true,   // unknown without RE2: the row is asked
            Operator.Equal => order == 0,
            Operator.NotEqual => order != 0,
            Operator.Less => order < 0,
            Operator.LessOrEqual => order <= 0,
            Operator.Greater => order > 0,
            _ => order >= 0,
        };
    }

    public static bool Holds(double value, Operator op, double literal) => op switch
    {
        Operator.Equal => value == literal,
        Operator.NotEqual => value != literal,
        Operator.Less => value < literal,
        Operator.LessOrEqual => value <= literal,
        Operator.Greater => value > literal,
        _ => value >= literal,
    };
}
