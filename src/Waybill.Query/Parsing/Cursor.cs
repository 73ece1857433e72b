using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>
/// Reads words one ahead. The first error is kept and turns every further word into the end, so that all loops of the parser finish by
/// themselves; what it has built by then is thrown away.
/// </summary>
internal sealed class Cursor
{
    private readonly Lexer _lexer;
    private readonly DiagnosticList _diagnostics;
    private readonly QueryLimits _limits;
    private readonly string _text;
    private readonly Stack<Token> _open = new();
    private int _depth, _nodes;
    private bool _failed;

    public Cursor(string text, Dialect dialect, DiagnosticList diagnostics, QueryLimits limits)
    {
        (_text, _diagnostics, _limits, Dialect) = (text, diagnostics, limits, dialect);
        _lexer = new Lexer(text, dialect, diagnostics);
        Token = _lexer.Next();
    }

    public Dialect Dialect { get; }

    /// <summary>The word to look at.</summary>
    public Token Token { get; private set; }

    /// <summary>Where the last taken word stood.</summary>
    public TextSpan Last { get; private set; }

    public bool Failed => _failed || _diagnostics.HasErrors;

    public Token Take()
    {
        Token taken = Token;
        if (taken.Kind == TokenKind.End) return taken;
        Last = taken.At;
        Token = _lexer.Next();
        return taken;
    }

    public bool TryTake(TokenKind kind)
    {
        if (Token.Kind != kind) return false;
        Take();
        return true;
    }

    /// <summary>Takes an opening sign, to be closed by <see cref="Close"/>.</summary>
    public bool TryOpen(TokenKind kind, string expected)
    {
        if (Token.Kind != kind)
        {
            Unexpected(expected);
            return false;
        }
        _open.Push(Take());
        return true;
    }

    public void Close(TokenKind kind, string expected)
    {
        if (Failed || TryTake(kind))
        {
            if (_open.Count > 0) _open.Pop();
            return;
        }
        Unexpected(expected);
    }

    /// <summary>True when a level deeper is within bounds. Each true is followed by <see cref="Leave"/>.</summary>
    public bool Enter()
    {
        if (_depth >= _limits.DepthMax)
        {
            TooDeep(Token.At);
            return false;
        }
        _depth++;
        return true;
    }

    public void Leave() => _depth--;

    /// <summary>Gives a new node its place, and counts it.</summary>
    public T Made<T>(T node, TextSpan at) where T : Node
    {
        if (++_nodes > _limits.NodesMax) Fail(DiagnosticCode.TooManyNodes, at, $"The query has more than {_limits.NodesMax:N0} parts.", hint: "A list of values is one part as a regular expression: .id =~ \"a|b|c\".");
        if (node.Height > _limits.DepthMax) TooDeep(at);
        return node with { At = at };
    }

    public T Made<T>(T node, int start) where T : Node => Made(node, new TextSpan(start, Math.Max(0, Last.End - start)));

    /// <summary>What stands here does not belong here.</summary>
    public void Unexpected(string expected)
    {
        if (Failed) return;
        if (Token.Kind == TokenKind.End)
        {
            if (_open.TryPeek(out Token open)) Unclosed(open, expected);
            else Fail(DiagnosticCode.Unexpected, Token.At, $"The query ends where {expected} is expected.", expected);
            return;
        }
        if (Token.Kind is TokenKind.CloseBrace or TokenKind.CloseParenthesis && !IsOpen(Token.Kind)) Unopened();
        else if (Token.Kind == TokenKind.Identifier && Guesses.WordOperator(Token.Text!) is { } op)
            Fail(DiagnosticCode.WordOperator, Token.At, $"'{Token.Text}' is not an operator.", expected, $"Write {op}.", op);
        else Fail(DiagnosticCode.Unexpected, Token.At, $"{Shown()} stands where {expected} is expected.", expected);
    }

    public void Fail(DiagnosticCode code, TextSpan at, string message, string? expected = null, string? hint = null, string? replacement = null)
    {
        if (Failed) return;
        _failed = true;
        _diagnostics.Add(code, at, message, expected, hint, replacement);
        Token = new Token(TokenKind.End, new TextSpan(_text.Length, 0));
    }

    /// <summary>The word as a message shows it.</summary>
    public string Shown() => $"'{DiagnosticList.Shortened(_text.Substring(Token.At.Start, Token.At.Length))}'";

    /// <summary>The text of a stretch.</summary>
    public string Text(TextSpan at) => _text.Substring(at.Start, at.Length);

    /// <summary>The text from a place up to the next blank or sign.</summary>
    public string WordAt(int start)
    {
        int end = start;
        while (end < _text.Length && !char.IsWhiteSpace(_text[end]) && !"{}()=~!<>&|^,".Contains(_text[end], StringComparison.Ordinal)) end++;
        return _text[start..end];
    }

    /// <summary>True when a dot follows at once, so that this is the begin of an attribute that lacks its scope.</summary>
    public bool IsDotted(Token token) => token.At.End < _text.Length && _text[token.At.End] == '.';

    private bool IsOpen(TokenKind close) => _open.Any(token => token.Kind == (close == TokenKind.CloseBrace ? TokenKind.OpenBrace : TokenKind.OpenParenthesis));

    private void Unclosed(Token open, string expected)
    {
        bool brace = open.Kind == TokenKind.OpenBrace;
        string close = brace ? "}" : ")";
        Fail(brace ? DiagnosticCode.UnclosedBrace : DiagnosticCode.UnclosedParenthesis, open.At, $"{(brace ? "{" : "(")} is never closed.", expected, $"Add {close}.");
    }

    private void Unopened()
    {
        string sign = Token.Kind == TokenKind.CloseBrace ? "}" : ")";
        Fail(DiagnosticCode.Unopened, Token.At, $"{sign} closes nothing.", hint: "Remove it, or open it before.", replacement: "");
    }

    private void TooDeep(TextSpan at) => Fail(DiagnosticCode.TooDeep, at, $"The query is nested deeper than {_limits.DepthMax} levels.",
        hint: "A chain of || over values is one level as a regular expression: .id =~ \"a|b|c\".");
}
