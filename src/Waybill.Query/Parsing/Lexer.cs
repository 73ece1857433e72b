using System.Buffers;
using System.Text;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>Cuts a text into words, one at a time. After its first error it gives nothing but the end.</summary>
internal sealed class Lexer(string text, Dialect dialect, DiagnosticList diagnostics)
{
    private const string NameEnds = "{}()=~!<>&|^,";   // and white space

    private static readonly SearchValues<char> Signs = SearchValues.Create(NameEnds);

    private int _at;
    private bool _failed;

    public Token Next()
    {
        if (_failed || !SkipBlanks()) return End();
        char c = text[_at];
        if (char.IsAsciiLetter(c) || c == '_') return Word();
        if (char.IsAsciiDigit(c) || c == '.' && char.IsAsciiDigit(Peek(1))) return Number();
        return c switch
        {
            '.' => Attribute(_at, _at + 1, AttributeScope.Any, false),
            '"' or '`' => String(),
            '\'' => Fail(DiagnosticCode.SingleQuotes, QuotedLength(), "Text is not written in single quotes.", "a text in double quotes", "Write it in double quotes.", SingleQuotesReplaced()),
            '{' => Sign(TokenKind.OpenBrace, 1),
            '}' => Sign(TokenKind.CloseBrace, 1),
            '(' => Sign(TokenKind.OpenParenthesis, 1),
            ')' => Sign(TokenKind.CloseParenthesis, 1),
            ',' => Sign(TokenKind.Comma, 1),
            '+' => Operation(Operator.Add, 1),
            '-' => Operation(Operator.Subtract, 1),
            '*' => Operation(Operator.Multiply, 1),
            '/' => Operation(Operator.Divide, 1),
            '%' => Operation(Operator.Modulo, 1),
            '^' => Operation(Operator.Power, 1),
            '|' => Peek(1) == '|' ? Operation(Operator.Or, 2) : Sign(TokenKind.Pipe, 1),
            '~' => Structural(Relation.Sibling, RelationForm.Plain, 1),
            '<' => Peek(1) switch { '=' => Operation(Operator.LessOrEqual, 2), '<' => Structural(Relation.Ancestor, RelationForm.Plain, 2), _ => Operation(Operator.Less, 1) },
            '>' => Peek(1) switch { '=' => Operation(Operator.GreaterOrEqual, 2), '>' => Structural(Relation.Descendant, RelationForm.Plain, 2), _ => Operation(Operator.Greater, 1) },
            '=' => Equal(),
            '!' => Negated(),
            '&' => Ampersand(),
            ':' => Fail(DiagnosticCode.UnexpectedCharacter, 1, "':' stands only behind trace, span, event, link and instrumentation.", hint: "For example span:id. An attribute's scope is followed by a dot: span.http.route."),
            _ => Fail(DiagnosticCode.UnexpectedCharacter, char.IsSurrogatePair(c, Peek(1)) ? 2 : 1, $"{Shown(c)} is not a part of the language.",
                hint: c switch { '\u201c' or '\u201d' => "Write straight double quotes.", ';' => "A text holds one query.", '$' => "A variable was not filled in.", _ => null }),
        };
    }

    private Token Equal() => Peek(1) switch
    {
        '~' => Operation(Operator.Match, 2),
        '=' => Fail(DiagnosticCode.DoubleEquals, 2, "Equality is written with one sign.", "=", "Write =.", "="),
        _ => Operation(Operator.Equal, 1),
    };

    private Token Negated() => (Peek(1), Peek(2)) switch
    {
        ('=', _) => Operation(Operator.NotEqual, 2),
        ('~', _) => Operation(Operator.NotMatch, 2),
        ('>', '>') => Structural(Relation.Descendant, RelationForm.Negated, 3),
        ('>', _) => Structural(Relation.Child, RelationForm.Negated, 2),
        ('<', '<') => Structural(Relation.Ancestor, RelationForm.Negated, 3),
        ('<', _) => Structural(Relation.Parent, RelationForm.Negated, 2),
        _ => Sign(TokenKind.Not, 1),
    };

    private Token Ampersand() => (Peek(1), Peek(2)) switch
    {
        ('&', _) => Operation(Operator.And, 2),
        ('>', '>') => Structural(Relation.Descendant, RelationForm.Union, 3),
        ('>', _) => Structural(Relation.Child, RelationForm.Union, 2),
        ('<', '<') => Structural(Relation.Ancestor, RelationForm.Union, 3),
        ('<', _) => Structural(Relation.Parent, RelationForm.Union, 2),
        ('~', _) => Structural(Relation.Sibling, RelationForm.Union, 2),
        _ => Fail(DiagnosticCode.SingleAmpersand, 1, "A single & is not an operator.", "&&", "Write && for and; &> &>> &< &<< &~ are the union forms of the structural operators.", "&&"),
    };

    /// <summary>An identifier, or what begins with a scope: <c>span.x</c>, <c>span:id</c>.</summary>
    private Token Word()
    {
        int start = _at, end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        ReadOnlySpan<char> word = text.AsSpan(start, end - start);
        char next = end < text.Length ? text[end] : '\0';
        if (next == '.')
        {
            if (word is "parent" && dialect == Dialect.Traces)
            {
                ReadOnlySpan<char> rest = text.AsSpan(end + 1);
                if (rest.StartsWith("span.", StringComparison.Ordinal)) return Attribute(start, end + 6, AttributeScope.Span, true);
                if (rest.StartsWith("resource.", StringComparison.Ordinal)) return Attribute(start, end + 10, AttributeScope.Resource, true);
                return Attribute(start, end + 1, AttributeScope.Any, true);
            }
            if (Scopes.TryFind(dialect, word, out AttributeScope scope)) return Attribute(start, end + 1, scope, false);
        }
        if (next == ':' && Scopes.HasIntrinsics(dialect, word))
        {
            int last = end + 1;
            while (last < text.Length && (char.IsAsciiLetterOrDigit(text[last]) || text[last] == '_')) last++;
            return Take(new Token(TokenKind.ScopedIntrinsic, new TextSpan(start, last - start)) { Text = text[start..last] });
        }
        return Take(new Token(TokenKind.Identifier, new TextSpan(start, end - start)) { Text = Words.Of(word) });
    }

    /// <summary>The name of an attribute: everything up to a blank or a sign, and quoted parts as they are.</summary>
    private Token Attribute(int start, int nameStart, AttributeScope scope, bool ofParent)
    {
        int end = nameStart;
        StringBuilder? name = null;
        while (end < text.Length && !IsNameEnd(text[end]))
        {
            if (text[end] != '"')
            {
                name?.Append(text[end]);
                end++;
                continue;
            }
            name ??= new StringBuilder(text, nameStart, end - nameStart, 64);
            int open = end++;
            while (end < text.Length && text[end] != '"')
            {
                if (text[end] == '\\' && end + 1 < text.Length) end++;
                name.Append(text[end++]);
            }
            if (end >= text.Length) return FailAt(DiagnosticCode.UnterminatedString, new TextSpan(open, text.Length - open), "The quoted part of an attribute's name is not closed.", "\"");
            end++;
        }
        string whole = name?.ToString() ?? text[nameStart..end];
        var at = new TextSpan(start, end - start);
        if (whole.Length == 0) return FailAt(DiagnosticCode.EmptyAttributeName, at, $"An attribute's name is missing after {Quote(text[start..end])}.", "a name", "For example .http.route or resource.service.name.");
        return Take(new Token(TokenKind.Attribute, at) { Text = whole, Scope = scope, OfParent = ofParent });
    }

    private Token Number()
    {
        var number = NumberReader.Read(text, _at);
        var at = new TextSpan(_at, number.Length);
        if (number.Error is { } error) return FailAt(error, at, number.Message!, hint: number.Hint);
        return Take(new Token(TokenKind.Value, at) { Value = number.Value, IsMinIntWithoutSign = number.IsMinIntWithoutSign });
    }

    private Token String()
    {
        var read = StringReader.Read(text, _at);
        if (read.Error is { } error) return FailAt(error, read.At, read.Message!, hint: read.Hint);
        return Take(new Token(TokenKind.Value, read.At) { Value = Static.Of(read.Value) });
    }

    /// <returns>False at the end.</returns>
    private bool SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at])) _at++;
            else if (text[_at] == '/' && Peek(1) == '/')
            {
                int line = text.IndexOf('\n', _at);
                _at = line < 0 ? text.Length : line;
            }
            else if (text[_at] == '/' && Peek(1) == '*')
            {
                int close = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (close < 0)
                {
                    Fail(DiagnosticCode.UnterminatedComment, 2, "The comment is not closed.", "*/");
                    return false;
                }
                _at = close + 2;
            }
            else return true;
        }
        return false;
    }

    private static bool IsNameEnd(char c) => Signs.Contains(c) || char.IsWhiteSpace(c);

    private char Peek(int ahead) => _at + ahead < text.Length ? text[_at + ahead] : '\0';

    private Token Sign(TokenKind kind, int length) => Take(new Token(kind, new TextSpan(_at, length)));

    private Token Operation(Operator op, int length) => Take(new Token(TokenKind.Operator, new TextSpan(_at, length)) { Operator = op });

    private Token Structural(Relation relation, RelationForm form, int length) =>
        Take(new Token(TokenKind.Structural, new TextSpan(_at, length)) { Relation = relation, Form = form });

    private Token Take(Token token)
    {
        _at = token.At.End;
        return token;
    }

    private Token End() => new(TokenKind.End, new TextSpan(text.Length, 0));

    private Token Fail(DiagnosticCode code, int length, string message, string? expected = null, string? hint = null, string? replacement = null) =>
        FailAt(code, new TextSpan(_at, length), message, expected, hint, replacement);

    private Token FailAt(DiagnosticCode code, TextSpan at, string message, string? expected = null, string? hint = null, string? replacement = null)
    {
        if (!_failed) diagnostics.Add(code, at, message, expected, hint, replacement);
        _failed = true;
        return End();
    }

    private int QuotedLength()
    {
        int close = text.IndexOf('\'', _at + 1);
        return close < 0 ? 1 : close + 1 - _at;
    }

    private string? SingleQuotesReplaced() => QuotedLength() is var length and > 1 ? Static.Quoted(text.Substring(_at + 1, length - 2)) : null;

    private static string Quote(string name) => $"'{name}'";

    private static string Shown(char c) => c is > ' ' and < '\u007f' ? $"'{c}'" : $"The character U+{(int)c:X4}";
}
