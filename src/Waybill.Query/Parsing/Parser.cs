using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>Reads a whole text. The grammar is in docs/reference/traceql.md.</summary>
internal static class Parser
{
    /// <returns>Null when there are errors.</returns>
    public static TraceQuery? Query(string text, DiagnosticList diagnostics, QueryLimits limits)
    {
        if (!Begin(text, diagnostics, limits)) return null;
        var cursor = new Cursor(text, Dialect.Traces, diagnostics, limits);
        int start = cursor.Token.At.Start;
        if (cursor.Token.Kind == TokenKind.End) Empty(cursor, "{ }");
        Node whole = new PipelineParser(cursor).Whole(inParentheses: false);
        NodeList<Hint> hints = Hints(cursor);
        if (cursor.Token.Kind != TokenKind.End) Trailing(cursor, whole);
        if (cursor.Failed) return null;
        TraceQuery query = whole is MetricsExpression metrics ? new MetricsQuery(metrics, hints) : new SearchQuery((Pipeline)whole, hints);
        query = cursor.Made(query, start);
        return cursor.Failed ? null : query;
    }

    /// <summary>One <c>{ condition }</c> over log records.</summary>
    public static SpansetFilter? Filter(string text, Dialect dialect, DiagnosticList diagnostics, QueryLimits limits)
    {
        if (!Begin(text, diagnostics, limits)) return null;
        var cursor = new Cursor(text, dialect, diagnostics, limits);
        if (cursor.Token.Kind == TokenKind.End) Empty(cursor, "{ }");
        int start = cursor.Token.At.Start;
        FieldExpression? condition = null;
        if (cursor.Token.Kind is not (TokenKind.OpenBrace or TokenKind.End))
            cursor.Fail(DiagnosticCode.Unexpected, cursor.Token.At, "A condition stands in braces.", "{", $"Write {{ {DiagnosticList.Shortened(text.Trim())} }}.", $"{{ {cursor.Text(cursor.Token.At)}");
        cursor.TryOpen(TokenKind.OpenBrace, "{");
        if (cursor.Token.Kind != TokenKind.CloseBrace) condition = new FieldParser(cursor).Expression();
        cursor.Close(TokenKind.CloseBrace, "an operator or }");
        if (cursor.Token.Kind != TokenKind.End)
            cursor.Fail(DiagnosticCode.Unexpected, cursor.Token.At, $"{cursor.Shown()} stands where the end is expected.", "the end", "A log query is one { }: join conditions inside of it with && and ||.");
        var filter = cursor.Made(new SpansetFilter(condition), start);
        return cursor.Failed ? null : filter;
    }

    private static bool Begin(string text, DiagnosticList diagnostics, QueryLimits limits)
    {
        if (text.Length > limits.LengthMax)
        {
            diagnostics.Add(DiagnosticCode.TooLong, new TextSpan(limits.LengthMax, 0), $"The query has {text.Length:N0} characters; {limits.LengthMax:N0} are read.",
                hint: "A list of values is short as a regular expression, and long lists of ids belong into several queries.");
            return false;
        }
        return true;
    }

    private static void Empty(Cursor cursor, string all) => cursor.Fail(DiagnosticCode.EmptyQuery, cursor.Token.At, "The query is empty.", "{", $"{all} matches everything.", all);

    private static NodeList<Hint> Hints(Cursor cursor)
    {
        if (cursor.Token is not { Kind: TokenKind.Identifier, Text: "with" }) return [];
        cursor.Take();
        cursor.TryOpen(TokenKind.OpenParenthesis, "( after with");
        var hints = new List<Hint>();
        do hints.Add(Hint(cursor));
        while (cursor.TryTake(TokenKind.Comma));
        cursor.Close(TokenKind.CloseParenthesis, ", or )");
        return [.. hints];
    }

    private static Hint Hint(Cursor cursor)
    {
        Token name = cursor.Token;
        if (name.Kind != TokenKind.Identifier) cursor.Unexpected("the name of a hint");
        cursor.Take();
        if (!cursor.Token.Is(Operator.Equal)) cursor.Unexpected("=");
        cursor.Take();
        bool negative = cursor.Token.Is(Operator.Subtract);
        if (negative) cursor.Take();
        Token value = cursor.Token;
        Static given = value.Value;
        bool isWord = value.Kind == TokenKind.Identifier && Words.Statics(cursor.Dialect).TryGetValue(value.Text!, out given) && given.Type != StaticType.Nil;
        if (!isWord && (value.Kind != TokenKind.Value || value.IsMinIntWithoutSign && !negative)) cursor.Unexpected("a value");
        cursor.Take();
        return cursor.Made(new Hint(name.Text ?? "", negative && !value.IsMinIntWithoutSign ? Numbers.Negated(given) : given), name.At.Start);
    }

    private static void Trailing(Cursor cursor, Node whole)
    {
        if (whole is MetricsExpression && cursor.Token.Kind == TokenKind.Operator && cursor.Token.Operator.IsArithmetic())
            cursor.Fail(DiagnosticCode.NeedsNumbers, cursor.Token.At, "In arithmetic between metrics each side stands in parentheses.", "the end", "For example ({ } | rate()) * 100.");
        else if (whole is MetricsExpression && cursor.Token.Kind == TokenKind.Operator && cursor.Token.Operator.IsComparison())
            cursor.Fail(DiagnosticCode.NeedsNumbers, cursor.Token.At, "Samples are kept by value behind a pipe.", "|", $"Write | {cursor.Token.Operator.Text()}.", $"| {cursor.Token.Operator.Text()}");
        else if (cursor.Token.Kind == TokenKind.OpenBrace)
            cursor.Fail(DiagnosticCode.Unexpected, cursor.Token.At, "Between two spansets an operator is missing.", "&& || > >> < << ~ or |", "&& is: both somewhere in the trace; >> is: below; | is: among those spans.");
        else cursor.Unexpected("| or an operator or the end");
    }
}
