using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>Reads what stands in <c>{ }</c>: operators by precedence (Pratt), operands by their first word.</summary>
internal sealed class FieldParser(Cursor cursor)
{
    private const string Operand = "a field or a value";
    private static readonly Literal Nothing = new(Static.Nil);

    /// <param name="precedenceMin">Operators that bind weaker are left to the caller.</param>
    public FieldExpression Expression(int precedenceMin = 1)
    {
        if (!cursor.Enter()) return Nothing;
        int start = cursor.Token.At.Start;
        FieldExpression left = Prefixed();
        while (cursor.Token.Kind == TokenKind.Operator && cursor.Token.Operator.Precedence() is var precedence && precedence >= precedenceMin)
        {
            Operator op = cursor.Take().Operator;
            FieldExpression right = Expression(op == Operator.Power ? precedence : precedence + 1);
            left = cursor.Made(new BinaryExpression(op, left, right), start);
        }
        cursor.Leave();
        return left;
    }

    /// <summary>An attribute or an intrinsic, and nothing else.</summary>
    public FieldReference Reference()
    {
        const string Expected = "a field";
        switch (cursor.Token.Kind)
        {
            case TokenKind.Attribute: return Attribute();
            case TokenKind.ScopedIntrinsic: return ScopedIntrinsic();
            case TokenKind.Identifier when !cursor.IsDotted(cursor.Token) && Intrinsics.TryFind(cursor.Dialect, cursor.Token.Text!, out Intrinsic intrinsic):
                return cursor.Made(new IntrinsicReference(intrinsic), cursor.Take().At);
            case TokenKind.Identifier: Unknown(Expected); break;
            default: cursor.Unexpected(Expected); break;
        }
        return new IntrinsicReference(Intrinsic.Name);
    }

    private FieldExpression Prefixed()
    {
        Token token = cursor.Token;
        if (token.Kind == TokenKind.Not)
        {
            cursor.Take();
            return cursor.Made(new UnaryExpression(UnaryOperator.Not, Expression(UnaryOperator.Not.Precedence() + 1)), token.At.Start);
        }
        if (!token.Is(Operator.Subtract)) return Primary();
        cursor.Take();
        if (cursor.Token is { Kind: TokenKind.Value, Value.IsNumeric: true }) return Number(token.At.Start, negative: true);
        return cursor.Made(new UnaryExpression(UnaryOperator.Negate, Expression(UnaryOperator.Negate.Precedence() + 1)), token.At.Start);
    }

    private FieldExpression Primary()
    {
        switch (cursor.Token.Kind)
        {
            case TokenKind.OpenParenthesis: return Parenthesised();
            case TokenKind.Value: return Number(cursor.Token.At.Start, negative: false);
            case TokenKind.Attribute or TokenKind.ScopedIntrinsic: return Reference();
            case TokenKind.Identifier: return Identifier();
            case TokenKind.Operator or TokenKind.Structural or TokenKind.CloseBrace or TokenKind.CloseParenthesis or TokenKind.Comma when cursor.Last.Length > 0:
                MissingOperand();
                return Nothing;
            default:
                cursor.Unexpected(Operand);
                return Nothing;
        }
    }

    private FieldExpression Parenthesised()
    {
        Token open = cursor.Token;
        cursor.TryOpen(TokenKind.OpenParenthesis, Operand);
        FieldExpression inner = Expression();
        cursor.Close(TokenKind.CloseParenthesis, "an operator or )");
        return inner with { At = open.At.To(cursor.Last) };
    }

    private Literal Number(int start, bool negative)
    {
        Token token = cursor.Take();
        Static value = token.Value;
        if (token.IsMinIntWithoutSign && !negative) cursor.Fail(DiagnosticCode.NumberTooLarge, token.At, "The number is beyond a 64-bit int.", hint: "Write it with a decimal point to make it a float.");
        if (negative && !token.IsMinIntWithoutSign) value = Numbers.Negated(value);
        return cursor.Made(new Literal(value), start);
    }

    private FieldExpression Identifier()
    {
        Token token = cursor.Token;
        // A word with a dot behind it is an attribute without a scope, even when its first part is a word of the language.
        if (!cursor.IsDotted(token))
        {
            if (Words.Statics(cursor.Dialect).TryGetValue(token.Text!, out Static value)) return cursor.Made(new Literal(value), cursor.Take().At);
            if (Intrinsics.TryFind(cursor.Dialect, token.Text!, out Intrinsic intrinsic)) return cursor.Made(new IntrinsicReference(intrinsic), cursor.Take().At);
        }
        Unknown(Operand);
        return Nothing;
    }

    private AttributeReference Attribute()
    {
        Token token = cursor.Take();
        return cursor.Made(new AttributeReference(token.Scope, token.Text!, token.OfParent), token.At);
    }

    private IntrinsicReference ScopedIntrinsic()
    {
        Token token = cursor.Token;
        if (Intrinsics.TryFind(cursor.Dialect, token.Text!, out Intrinsic intrinsic)) return cursor.Made(new IntrinsicReference(intrinsic), cursor.Take().At);
        string scope = token.Text![..(token.Text!.IndexOf(':', StringComparison.Ordinal) + 1)];
        string[] known = [.. Intrinsics.Texts(cursor.Dialect).Where(text => text.StartsWith(scope, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string? nearest = Nearest.To(token.Text!, known);
        cursor.Fail(DiagnosticCode.UnknownIntrinsic, token.At, $"There is no {token.Text}.", string.Join(", ", known),
            nearest is null ? $"There are {string.Join(", ", known)}. An attribute's scope is followed by a dot." : $"Did you mean {nearest}?", nearest);
        return new IntrinsicReference(Intrinsic.Name);
    }

    private void Unknown(string expected)
    {
        Token token = cursor.Token;
        string word = cursor.WordAt(token.At.Start);
        var at = new TextSpan(token.At.Start, Math.Max(word.Length, token.At.Length));
        if (Guesses.WordOperator(word) is not null) cursor.Unexpected(expected);
        else if (word.Contains('.', StringComparison.Ordinal) && UnknownScope(word) is { } scope)
            cursor.Fail(DiagnosticCode.UnknownScope, at, $"There is no scope '{word[..word.IndexOf('.', StringComparison.Ordinal)]}'.", expected, $"Did you mean {scope + word[word.IndexOf('.', StringComparison.Ordinal)..]}?", scope + word[word.IndexOf('.', StringComparison.Ordinal)..]);
        else
        {
            var (hint, replacement) = Guesses.Field(cursor.Dialect, word);
            cursor.Fail(DiagnosticCode.UnknownIdentifier, at, $"'{DiagnosticList.Shortened(word)}' is not a field.", expected, hint, replacement);
        }
    }

    // Misspelt, not another's: "spans.http.route", not "http.route".
    private string? UnknownScope(string word)
    {
        string first = word[..word.IndexOf('.', StringComparison.Ordinal)];
        return first.Length >= 3 ? Nearest.To(first, Scopes.Of(cursor.Dialect)) : null;
    }

    private void MissingOperand()
    {
        if (cursor.Token.Kind is TokenKind.CloseBrace or TokenKind.CloseParenthesis or TokenKind.Comma)
            cursor.Fail(DiagnosticCode.MissingOperand, cursor.Last, $"Behind '{cursor.Text(cursor.Last)}' {Operand} is missing.", Operand);
        else
            cursor.Fail(DiagnosticCode.MissingOperand, cursor.Token.At, $"{cursor.Shown()} stands where {Operand} is expected.", Operand);
    }
}
