using System.Text;

namespace Waybill.Query.Regexes;

/// <summary>Reads RE2 syntax by recursive descent and writes the .NET form beside it. Stops at the first error.</summary>
internal sealed class Re2Reader(string pattern)
{
    private const int DepthMax = 200, RepeatMax = 1000, SizeMax = 10_000_000;

    private const string NotSurrogates = "\\uD800-\\uDFFF", Pair = "[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]";

    private readonly StringBuilder _out = new(pattern.Length + 16);
    private int _at, _quoteEnd = -1;   // \Q...\E: its text ends here
    private bool _dotAll = true, _multiLine;

    public string? Error { get; private set; }
    public int ErrorAt { get; private set; }
    public string? Hint { get; private set; }
    public bool AtEnd => _at >= pattern.Length;
    public string DotNet => _out.ToString();

    public void Fail(string message, string? hint = null)
    {
        if (Error is not null) return;
        (Error, Hint, ErrorAt) = (message, hint, Math.Min(_at, pattern.Length));
        _at = pattern.Length;
    }

    /// <returns>The size of what was read.</returns>
    public int Alternatives(int depth)
    {
        if (depth > DepthMax) Fail($"Groups are nested deeper than {DepthMax} levels.");
        var (dotAll, multiLine) = (_dotAll, _multiLine);
        int size = 1;
        while (!AtEnd && (IsQuoted || Peek() != ')'))
        {
            if (TryQuote()) continue;
            if (Peek() == '|' && !IsQuoted)
            {
                _at++;
                _out.Append('|');
                size++;
            }
            else size = Math.Min(SizeMax, size + Repeated(depth));
        }
        (_dotAll, _multiLine) = (dotAll, multiLine);
        return size;
    }

    private int Repeated(int depth)
    {
        int start = _at, outStart = _out.Length;
        int size = Atom(depth);
        if (size < 0 || AtEnd || Error is not null) return Math.Max(size, 0);
        if (TryQuote() && AtEnd || IsQuoted) return size;
        int repeatAt = _at;
        if (!TryRepeat(out int least, out int most)) return size;
        // A group keeps what .NET would read as one with the repeat: several characters written for one.
        _out.Insert(outStart, "(?:").Append(')').Append(least, most);
        if (!AtEnd && Peek() == '?') _at++;   // lazy: the same texts match
        int second = _at;
        if (!AtEnd && TryRepeat(out _, out _))
        {
            _at = repeatAt;
            Fail($"Two repeats in a row: {pattern[repeatAt..Math.Min(pattern.Length, second + 1)]}", $"Put {pattern[start..second]} into a group (?: ) to repeat it.");
        }
        return Math.Min(SizeMax, size * Math.Max(1, Math.Max(least, most)));
    }

    /// <returns>Its size, or -1 for a flag, which cannot be repeated.</returns>
    private int Atom(int depth)
    {
        char c = pattern[_at];
        if (IsQuoted) return Character();
        switch (c)
        {
            case '(': return Group(depth);
            case '[': return new Re2Class(this, pattern).Read(ref _at, _out);
            case '.':
                _at++;
                _out.Append("(?:").Append(Pair).Append("|[^").Append(_dotAll ? "" : "\\n").Append(NotSurrogates).Append("])");
                return 1;
            case '^':
                _at++;
                _out.Append(_multiLine ? "(?m:^)" : "\\A");
                return 1;
            case '$':
                _at++;
                _out.Append(_multiLine ? "(?m:$)" : "\\z");
                return 1;
            case '*' or '+' or '?':
                Fail($"{c} repeats nothing.", $"The sign itself is written \\\\{c}, and any text is written .*");
                return 0;
            case '\\': return Escape();
            default:
                if (c != '{' || !TryBraces(out _, out _, out _)) return Character();
                Fail("{ repeats nothing.");
                return 0;
        }
    }

    private int Character()
    {
        bool valid = Rune.TryGetRuneAt(pattern, _at, out Rune rune);
        if (!valid) rune = Rune.ReplacementChar;
        _at += valid ? rune.Utf16SequenceLength : 1;
        Literal(rune);
        return 1;
    }

    private bool IsQuoted => _at < _quoteEnd;

    /// <summary>Takes a \Q, or the \E behind its text.</summary>
    private bool TryQuote()
    {
        if (_quoteEnd >= 0)
        {
            if (IsQuoted) return false;
            _at = Math.Min(pattern.Length, _quoteEnd + 2);
            _quoteEnd = -1;
            return true;
        }
        if (!Rest().StartsWith("\\Q", StringComparison.Ordinal)) return false;
        int end = pattern.IndexOf("\\E", _at + 2, StringComparison.Ordinal);
        (_at, _quoteEnd) = (_at + 2, end < 0 ? pattern.Length : end);
        return true;
    }

    private int Group(int depth)
    {
        int open = _at++;
        var (dotAll, multiLine) = (_dotAll, _multiLine);
        string prefix = "(?:";
        if (Rest().StartsWith("?", StringComparison.Ordinal))
        {
            if (Rest() is ['?', '=' or '!', ..] or ['?', '<', '=' or '!', ..])
            {
                Fail("There is no look-around.", "Write two conditions: .a =~ \"x.*\" && .a !~ \".*y\".");
                return 0;
            }
            if (Rest() is ['?', 'P', '<', ..] or ['?', '<', ..])
            {
                int close = pattern.IndexOf('>', _at);
                int nameAt = pattern.IndexOf('<', _at) + 1;
                if (close <= nameAt || pattern.AsSpan(nameAt, close - nameAt).ContainsAnyExcept(Re2Class.WordCharacters)) Fail("A group's name is made of letters, digits and _.");
                else _at = close + 1;
            }
            else if (!TryFlags(out bool isGroup, out string flags)) Fail("RE2 does not know this kind of group.", "There are ( ), (?: ), (?P<name> ) and the flags i, m, s, U.");
            else if (!isGroup)
            {
                _out.Append(flags);
                return -1;
            }
            else prefix = flags;
        }
        _out.Append(prefix);
        int size = Alternatives(depth + 1);
        if (AtEnd)
        {
            if (Error is null) _at = open;
            Fail("( is never closed.", "A parenthesis itself is written \\\\(.");
            return 0;
        }
        _at++;
        _out.Append(')');
        (_dotAll, _multiLine) = (dotAll, multiLine);   // flags of (?s: ) end with it
        return size + 1;
    }

    // (?i) for what follows, (?i:...) for a group. Only i is passed on: m and s are written out, U changes nothing that matters.
    private bool TryFlags(out bool isGroup, out string dotNet)
    {
        (isGroup, dotNet) = (false, "");
        bool on = true, any = false;
        bool? ignoreCase = null;
        var (dotAll, multiLine) = (_dotAll, _multiLine);
        for (_at++; !AtEnd; _at++)
        {
            char c = Peek();
            if (c is ':' or ')')
            {
                if (!any && c == ')') return false;
                _at++;
                isGroup = c == ':';
                string flag = ignoreCase switch { true => "i", false => "-i", null => "" };
                dotNet = isGroup ? $"(?{flag}:" : flag.Length == 0 ? "" : $"(?{flag})";
                (_dotAll, _multiLine) = (dotAll, multiLine);
                return true;
            }
            any = true;
            if (c == '-' && on) on = false;
            else if (c == 'i') ignoreCase = on;
            else if (c == 's') dotAll = on;
            else if (c == 'm') multiLine = on;
            else if (c != 'U') return false;
        }
        return false;
    }

    private int Escape()
    {
        if (_at + 1 >= pattern.Length)
        {
            Fail("A backslash ends the expression.", "A backslash itself is written \\\\\\\\.");
            return 0;
        }
        char c = pattern[_at + 1];
        switch (c)
        {
            case 'A' or 'z' or 'b' or 'B':
                _at += 2;
                _out.Append('\\').Append(c);
                return 1;
            case >= '1' and <= '9' when c >= '8' || _at + 2 >= pattern.Length || pattern[_at + 2] is < '0' or > '7':
                Fail("There are no back-references.");
                return 0;
            case 'Z':
                Fail("RE2 does not know \\Z.", "The end of the text is \\\\z, and a value is matched as a whole anyway.");
                return 0;
        }
        if (Re2Class.TrySet(pattern, ref _at, out string set, out bool negated))
        {
            if (negated) _out.Append("(?:").Append(Pair).Append("|[^").Append(set).Append(NotSurrogates).Append("])");
            else _out.Append('[').Append(set).Append(']');
            return 1;
        }
        if (Re2Class.TryRune(pattern, ref _at, out Rune single)) Literal(single);
        else Fail($"RE2 does not know \\{c}.");
        return 1;
    }

    private void Literal(Rune rune)
    {
        bool pair = !rune.IsBmp;
        if (pair) _out.Append("(?:");
        foreach (char c in rune.ToString()) _out.Append(Re2Class.Hex(c));
        if (pair) _out.Append(')');
    }

    private bool TryRepeat(out int least, out int most)
    {
        (least, most) = (0, -1);
        if (AtEnd) return false;
        switch (Peek())
        {
            case '*': _at++; return true;
            case '+': (least, _at) = (1, _at + 1); return true;
            case '?': (most, _at) = (1, _at + 1); return true;
            case '{' when TryBraces(out least, out most, out int length):
                if (least > RepeatMax || most > RepeatMax) Fail($"A repeat goes up to {RepeatMax}.");
                else if (most >= 0 && most < least) Fail("A repeat goes from the smaller to the greater.");
                else _at += length;
                return true;
            default: return false;
        }
    }

    // What is not {n}, {n,} or {n,m} is text.
    private bool TryBraces(out int least, out int most, out int length)
    {
        (least, most, length) = (0, -1, 0);
        ReadOnlySpan<char> rest = Rest();
        int close = rest.IndexOf('}');
        if (close < 2) return false;
        ReadOnlySpan<char> inner = rest[1..close];
        int comma = inner.IndexOf(',');
        ReadOnlySpan<char> first = comma < 0 ? inner : inner[..comma], second = comma < 0 ? inner : inner[(comma + 1)..];
        if (!TryCount(first, out least)) return false;
        if (comma >= 0 && second.Length == 0) most = -1;
        else if (!TryCount(second, out most)) return false;
        length = close + 1;
        return true;
    }

    private static bool TryCount(ReadOnlySpan<char> digits, out int count)
    {
        count = 0;
        if (digits.Length == 0 || digits.ContainsAnyExceptInRange('0', '9')) return false;
        count = digits.Length > 6 ? int.MaxValue : int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }

    private char Peek() => pattern[_at];

    private ReadOnlySpan<char> Rest() => pattern.AsSpan(Math.Min(_at, pattern.Length));
}

file static class Repeats
{
    public static StringBuilder Append(this StringBuilder text, int least, int most) => (least, most) switch
    {
        (0, -1) => text.Append('*'),
        (1, -1) => text.Append('+'),
        (0, 1) => text.Append('?'),
        (_, -1) => text.Append('{').Append(least).Append(",}"),
        _ => text.Append('{').Append(least).Append(',').Append(most).Append('}'),
    };
}
