using Waybill.Query.Diagnostics;
using Waybill.Query.Regexes;
using Waybill.Query.Syntax;

namespace Waybill.Query.Checking;

/// <summary>Types of field expressions. An attribute has any type, which is null here: only its value tells.</summary>
internal sealed class FieldChecker(DiagnosticList diagnostics, QueryLimits limits)
{
    private readonly DiagnosticList _none = new("", 0);
    private int _regexSize;

    /// <summary>What stands in <c>{ }</c> is true or false.</summary>
    public void Condition(FieldExpression condition)
    {
        if (Type(condition) is not { } type || type == StaticType.Bool) return;
        string? hint = condition is IntrinsicReference or Literal ? Example(condition) : "Compare it with something.";
        diagnostics.Add(DiagnosticCode.NotBoolean, condition.At, $"A condition is true or false, and {Short(condition)} is {Name(type)}.", "a comparison", hint);
    }

    /// <summary>The type without a word about errors.</summary>
    public StaticType? TypeOnly(FieldExpression expression) => new FieldChecker(_none, limits).Type(expression);

    public StaticType? Type(FieldExpression expression)
    {
        switch (expression)
        {
            case Literal literal: return literal.Value.Type;
            case IntrinsicReference { Intrinsic: Intrinsic.Parent } parent:
                Unsupported(parent);
                return null;
            case IntrinsicReference intrinsic: return intrinsic.Intrinsic.Type();
            case AttributeReference attribute:
                if (attribute.OfParent) Unsupported(attribute);
                return null;
            case UnaryExpression unary: return Unary(unary);
            case BinaryExpression binary: return Binary(binary);
            default: throw new ArgumentOutOfRangeException(nameof(expression), expression.GetType().Name, "Not an expression of the language.");
        }
    }

    private StaticType? Unary(UnaryExpression unary)
    {
        StaticType? type = Type(unary.Operand);
        bool not = unary.Operator == UnaryOperator.Not;
        if (type is { } known && (not ? known != StaticType.Bool : !IsNumeric(known)))
        {
            diagnostics.Add(DiagnosticCode.OperatorUndefined, unary.At, $"{(not ? "!" : "-")} does not apply to {Name(known)}.", not ? "true or false" : "a number",
                not ? "Put the comparison in parentheses: !(.a = \"x\")." : null);
            return null;
        }
        return not ? StaticType.Bool : type ?? StaticType.Float;
    }

    private StaticType? Binary(BinaryExpression binary)
    {
        StaticType? left = Type(binary.Left), right = Type(binary.Right);
        if (binary.Operator.IsRegex())
        {
            Regex(binary, left);
            return StaticType.Bool;
        }
        if (left == StaticType.Nil || right == StaticType.Nil) Nil(binary);
        else if (!Match(left, right)) Mismatch(binary, left!.Value, right!.Value);
        else if ((left is { } l && !Defines(l, binary.Operator) ? l : right is { } r && !Defines(r, binary.Operator) ? r : (StaticType?)null) is { } type) Undefined(binary, type);
        else if (binary.Operator.IsComparison()) Unit(binary, left, right);
        if (!binary.Operator.IsArithmetic()) return StaticType.Bool;
        if (left == StaticType.Duration || right == StaticType.Duration) return StaticType.Duration;
        return left == StaticType.Int && right == StaticType.Int ? StaticType.Int : StaticType.Float;
    }

    private static bool Match(StaticType? left, StaticType? right) => left is null || right is null || left == right || IsNumeric(left.Value) && IsNumeric(right.Value);

    private static bool IsNumeric(StaticType type) => type is StaticType.Int or StaticType.Float or StaticType.Duration;

    private static bool Defines(StaticType type, Operator op) => type switch
    {
        StaticType.Bool => op.IsLogic() || op is Operator.Equal or Operator.NotEqual,
        StaticType.Int or StaticType.Float or StaticType.Duration => op.IsArithmetic() || op.IsComparison(),
        StaticType.String or StaticType.Severity => op.IsComparison(),
        _ => op is Operator.Equal or Operator.NotEqual,
    };

    private void Nil(BinaryExpression binary)
    {
        FieldExpression other = binary.Left is Literal { Value.Type: StaticType.Nil } ? binary.Right : binary.Left;
        if (binary.Operator is not (Operator.Equal or Operator.NotEqual))
            diagnostics.Add(DiagnosticCode.NilComparison, binary.At, $"{binary.Operator.Text()} does not apply to nil.", "= or !=", "nil tests whether a field is there: .a != nil.");
        else if (other is Literal { Value.Type: StaticType.Nil })
            diagnostics.Add(DiagnosticCode.NeverTrue, binary.At, "nil compared with nil is false, always.");
        else if (binary.Operator == Operator.Equal && (other is IntrinsicReference { Intrinsic: not Intrinsic.Parent } || other is AttributeReference { Scope: AttributeScope.Resource, Name: "service.name" }))
            diagnostics.Add(DiagnosticCode.NilComparison, binary.At, $"{other} is always there, so it is never nil.", "!= nil", "A text that was not sent is \"\".");
    }

    private void Mismatch(BinaryExpression binary, StaticType left, StaticType right)
    {
        (string? hint, string? replacement) = MismatchHint(binary, left, right);
        diagnostics.Add(DiagnosticCode.TypeMismatch, binary.At, $"{Short(binary.Left)} is {Name(left)} and {Short(binary.Right)} is {Name(right)}: {binary.Operator.Text()} does not apply between them.", hint: hint, replacement: replacement);
    }

    private static (string? Hint, string? Replacement) MismatchHint(BinaryExpression binary, StaticType left, StaticType right)
    {
        var (field, literal, type) = binary.Right is Literal r ? (binary.Left, r, left) : (binary.Right, binary.Left as Literal, right);
        if (literal is null) return (null, null);
        string[] words = type switch
        {
            StaticType.Status => [.. Enum.GetNames<SpanStatus>().Select(name => name.ToLowerInvariant())],
            StaticType.Kind => [.. Enum.GetNames<SpanKind>().Select(name => name.ToLowerInvariant())],
            StaticType.Severity => [.. Enum.GetNames<LogSeverity>().Select(name => name.ToLowerInvariant())],
            _ => [],
        };
        if (words.Length > 0)
        {
            string given = (literal.Value.Text ?? literal.Value.ToString()).ToLowerInvariant();
            given = given.Split('_')[^1];   // STATUS_CODE_ERROR, SPAN_KIND_SERVER
            string? word = words.Contains(given) ? given : Nearest.To(given, words);
            if (word is null && literal.Value is { Type: StaticType.Int, Integer: var number and >= 0 } && number < words.Length && type != StaticType.Severity) word = words[number];
            return word is null ? ($"Write one of {string.Join(", ", words)}, without quotes.", null) : ($"Write {word}, without quotes.", $"{field} {binary.Operator.Text()} {word}");
        }
        if (literal.Value.Type == StaticType.String && (IsNumeric(type) || type == StaticType.Bool) && TraceQl.TryStatic(literal.Value.Text!, out Static meant) && (meant.Type == type || meant.IsNumeric && IsNumeric(type)))
            return ("Leave out the quotes.", $"{field} {binary.Operator.Text()} {meant}");
        if (type == StaticType.String) return ("Put the value in double quotes.", $"{field} {binary.Operator.Text()} {Static.Of(literal.Value.ToString())}");
        return (null, null);
    }

    private void Undefined(BinaryExpression binary, StaticType type)
    {
        string? hint = binary.Operator.IsLogic() && !binary.Operator.IsArithmetic() ? "Compare each side with something: .a = 1 || .a = 2." : null;
        diagnostics.Add(DiagnosticCode.OperatorUndefined, binary.At, $"{binary.Operator.Text()} does not apply to {Name(type)}.", hint: hint);
    }

    // Valid, because the language takes a bare number for nanoseconds; nobody means that.
    private void Unit(BinaryExpression binary, StaticType? left, StaticType? right)
    {
        (StaticType? type, FieldExpression other) = left == StaticType.Duration ? (left, binary.Right) : (right, binary.Left);
        if (type != StaticType.Duration || other is not Literal { Value: { Type: StaticType.Int or StaticType.Float, Number: not 0 } } literal) return;
        diagnostics.Add(DiagnosticCode.MissingUnit, literal.At, $"A duration is compared with {literal.Value} nanoseconds.", "a duration", $"Write a unit: {literal.Value}ms.", $"{literal.Value}ms");
    }

    private void Regex(BinaryExpression binary, StaticType? left)
    {
        if (left is not (null or StaticType.String))
        {
            diagnostics.Add(DiagnosticCode.OperatorUndefined, binary.At, $"{binary.Operator.Text()} does not apply to {Name(left.Value)}.", "a text", left is StaticType.Status or StaticType.Kind or StaticType.Severity ? "Write a comparison for each value, with ||." : null);
            return;
        }
        if (binary.Right is not Literal { Value: { Type: StaticType.String, Text: { } pattern } } literal)
        {
            diagnostics.Add(DiagnosticCode.RegexNotLiteral, binary.Right.At, $"The right side of {binary.Operator.Text()} is a regular expression in double quotes.", "a text");
            return;
        }
        var re2 = Re2.Read(pattern);
        if (re2.Error is not null)
            diagnostics.Add(DiagnosticCode.BadRegex, literal.At, $"The regular expression is not one, at its character {re2.ErrorAt + 1}: {re2.Error}", "an expression that RE2 accepts", re2.Hint);
        else if ((_regexSize += re2.Size) > limits.RegexSizeMax)
            diagnostics.Add(DiagnosticCode.RegexTooLarge, literal.At, $"The regular expressions of the query are larger than {limits.RegexSizeMax:N0} instructions.", hint: "Repeats such as {100} multiply.");
    }

    private void Unsupported(FieldReference parent) =>
        diagnostics.Add(DiagnosticCode.Unsupported, parent.At, "Fields of the parent span are not supported.", hint: "Write a structural operator: { conditions of the parent } > { conditions of the span }.");

    private static string Example(FieldExpression condition) => condition switch
    {
        IntrinsicReference { Intrinsic: Intrinsic.Status } => "For example status = error.",
        IntrinsicReference { Intrinsic: Intrinsic.Kind } => "For example kind = server.",
        IntrinsicReference intrinsic when intrinsic.Intrinsic.Type() == StaticType.Duration => $"For example {intrinsic} > 100ms.",
        IntrinsicReference intrinsic when intrinsic.Intrinsic.Type() == StaticType.String => $"For example {intrinsic} = \"GET /\".",
        IntrinsicReference intrinsic => $"For example {intrinsic} > 0.",
        Literal { Value.Type: StaticType.Status or StaticType.Kind or StaticType.Severity } literal => $"For example {literal.Value.Type.ToString().ToLowerInvariant()} = {literal}.",
        _ => "Name the field that is to be equal: name = ...",
    };

    private static string Short(FieldExpression expression) => DiagnosticList.Shortened(expression.ToString());

    public static string Name(StaticType? type) => type switch
    {
        StaticType.Nil => "nil",
        StaticType.Bool => "true or false",
        StaticType.Int or StaticType.Float => "a number",
        StaticType.String => "a text",
        StaticType.Duration => "a duration",
        StaticType.Status => "a status",
        StaticType.Kind => "a kind of span",
        StaticType.Severity => "a severity",
        _ => "an attribute",
    };
}
