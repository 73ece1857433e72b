namespace Waybill.Query.Diagnostics;

/// <summary>What is wrong with a query; stable, for programs. In JSON as kebab-case: <c>unknown-identifier</c>.</summary>
public enum DiagnosticCode : byte
{
    // The text is not made of the language's words.
    UnexpectedCharacter, SingleQuotes, UnterminatedString, UnterminatedComment, BadEscape, BadNumber, NumberTooLarge, BadDuration, EmptyAttributeName,
    DoubleEquals, SingleAmpersand,

    // The words do not form a query.
    EmptyQuery, Unexpected, UnclosedBrace, UnclosedParenthesis, Unopened, UnknownIdentifier, UnknownIntrinsic, UnknownFunction, UnknownScope, WordOperator,
    MissingOperand, MissingArgument, UnexpectedArgument, StandaloneAggregate, MetricsStagePlace, MixedPipelines, NeedsSpansets, NeedsNumbers, CoalesceFirst,

    // It is a query, and does not mean anything.
    NotBoolean, TypeMismatch, OperatorUndefined, NilComparison, BadRegex, RegexNotLiteral, NotOfSpan, NotNumeric, TooManyGroups, BadCount, BadQuantile, BadRange, CompareAlone,
    BadHint,

    // It means something that is not answered.
    Unsupported,

    // It is beyond a bound.
    TooLong, TooDeep, TooManyNodes, RegexTooLarge,

    // It is answered, and probably not what was meant.
    MissingUnit, NeverTrue, UnknownHint,
}

public enum DiagnosticKind : byte { Syntax, Invalid, Unsupported, Limit, Warning }

public static class DiagnosticCodes
{
    public static DiagnosticKind Kind(this DiagnosticCode code) => code switch
    {
        < DiagnosticCode.NotBoolean => DiagnosticKind.Syntax,
        < DiagnosticCode.Unsupported => DiagnosticKind.Invalid,
        DiagnosticCode.Unsupported => DiagnosticKind.Unsupported,
        < DiagnosticCode.MissingUnit => DiagnosticKind.Limit,
        _ => DiagnosticKind.Warning,
    };

    /// <summary>The code as programs read it.</summary>
    public static string Text(this DiagnosticCode code)
    {
        var text = new System.Text.StringBuilder();
        foreach (char c in code.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
