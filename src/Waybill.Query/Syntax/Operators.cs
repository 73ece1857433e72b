namespace Waybill.Query.Syntax;

public enum Operator : byte
{
    Or, And,
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Match, NotMatch,
    Add, Subtract, Multiply, Divide, Modulo, Power,
}

public enum UnaryOperator : byte { Not, Negate }

/// <summary>What a span of the right side is to one of the left side.</summary>
public enum Relation : byte { Child, Descendant, Parent, Ancestor, Sibling }

/// <summary>Which spans a structural operator gives.</summary>
public enum RelationForm : byte
{
    /// <summary>Those of the right side that have such a span on the left.</summary>
    Plain,

    /// <summary>Those of the right side that have none.</summary>
    Negated,

    /// <summary>Those of both sides that take part in a match.</summary>
    Union,
}

public static class Operators
{
    public static bool IsLogic(this Operator op) => op <= Operator.And;
    public static bool IsComparison(this Operator op) => op is >= Operator.Equal and <= Operator.GreaterOrEqual;
    public static bool IsRegex(this Operator op) => op is Operator.Match or Operator.NotMatch;
    public static bool IsArithmetic(this Operator op) => op >= Operator.Add;

    /// <summary>The same comparison with its sides exchanged: <c>5 &lt; x</c> is <c>x &gt; 5</c>.</summary>
    public static Operator Mirrored(this Operator op) => op switch
    {
        Operator.Less => Operator.Greater,
        Operator.LessOrEqual => Operator.GreaterOrEqual,
        Operator.Greater => Operator.Less,
        Operator.GreaterOrEqual => Operator.LessOrEqual,
        _ => op,
    };

    /// <summary>Higher binds tighter. <c>&amp;&amp;</c> and <c>||</c> are one level; <c>^</c> alone associates to the right.</summary>
    internal static int Precedence(this Operator op) => op switch
    {
        Operator.Or or Operator.And => 1,
        Operator.Add or Operator.Subtract => 3,
        Operator.Multiply or Operator.Divide or Operator.Modulo => 5,
        Operator.Power => 6,
        _ => 2,
    };

    /// <summary>A prefix operator takes everything that binds tighter than this.</summary>
    internal static int Precedence(this UnaryOperator op) => op == UnaryOperator.Not ? 4 : 3;

    public static string Text(this Operator op) => op switch
    {
        Operator.Or => "||",
        Operator.And => "&&",
        Operator.Equal => "=",
        Operator.NotEqual => "!=",
        Operator.Less => "<",
        Operator.LessOrEqual => "<=",
        Operator.Greater => ">",
        Operator.GreaterOrEqual => ">=",
        Operator.Match => "=~",
        Operator.NotMatch => "!~",
        Operator.Add => "+",
        Operator.Subtract => "-",
        Operator.Multiply => "*",
        Operator.Divide => "/",
        Operator.Modulo => "%",
        _ => "^",
    };

    public static string Text(this Relation relation, RelationForm form)
    {
        string plain = relation switch
        {
            Relation.Child => ">",
            Relation.Descendant => ">>",
            Relation.Parent => "<",
            Relation.Ancestor => "<<",
            _ => "~",
        };
        return form switch { RelationForm.Negated => "!" + plain, RelationForm.Union => "&" + plain, _ => plain };
    }
}
