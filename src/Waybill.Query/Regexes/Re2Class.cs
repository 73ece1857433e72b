using System.Buffers;
using System.Globalization;
using System.Text;

namespace Waybill.Query.Regexes;

/// <summary>Sets of characters: <c>[a-z\d[:alpha:]]</c>, <c>\d</c>, <c>\pL</c>.</summary>
internal sealed class Re2Class(Re2Reader reader, string pattern)
{
    public static readonly SearchValues<char> WordCharacters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    // As RE2 defines them: ASCII only.
    private static readonly Dictionary<string, (char From, char To)[]> Posix = new(StringComparer.Ordinal)
    {
        ["alnum"] = [('0', '9'), ('A', 'Z'), ('a', 'z')], ["alpha"] = [('A', 'Z'), ('a', 'z')], ["ascii"] = [('\0', '\x7f')], ["blank"] = [('\t', '\t'), (' ', ' ')],
        ["cntrl"] = [('\0', '\x1f'), ('\x7f', '\x7f')], ["digit"] = [('0', '9')], ["graph"] = [('!', '~')], ["lower"] = [('a', 'z')], ["print"] = [(' ', '~')],
        ["punct"] = [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')], ["space"] = [('\t', '\r'), (' ', ' ')], ["upper"] = [('A', 'Z')],
        ["word"] = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')], ["xdigit"] = [('0', '9'), ('A', 'F'), ('a', 'f')], ["s"] = [('\t', '\n'), ('\f', '\r'), (' ', ' ')],
    };

    private static readonly HashSet<string> Categories = new(StringComparer.Ordinal)
    {
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cs",
    };

    // The scripts of names and messages; the main blocks of each.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["Latin"] = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u1e00-\u1eff", ["Greek"] = "\u0370-\u03ff\u1f00-\u1fff", ["Cyrillic"] = "\u0400-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua69f",
        ["Han"] = "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9", ["Hiragana"] = "\u3041-\u309f", ["Katakana"] = "\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9d",
        ["Hangul"] = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3", ["Arabic"] = "\u0600-\u06ff\u0750-\u077f", ["Hebrew"] = "\u0591-\u05f4", ["Thai"] = "\u0e01-\u0e5b", ["Devanagari"] = "\u0900-\u097f",
    };

    private readonly StringBuilder _set = new();
    private readonly List<string> _pairs = [];

    /// <summary>Reads a class in brackets and writes its .NET form.</summary>
    public int Read(ref int at, StringBuilder output)
    {
        int open = at++;
        bool negated = at < pattern.Length && pattern[at] == '^';
        if (negated) at++;
        for (bool first = true; ; first = false)
        {
            if (at >= pattern.Length)
            {
                at = open;
                reader.Fail("[ is never closed.", "A bracket itself is written \\\\[.");
                return 0;
            }
            if (pattern[at] == ']' && !first) break;
            Item(ref at);
            if (reader.Error is not null) return 0;
        }
        at++;
        if (negated) output.Append("(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|[^").Append(_set).Append("\\uD800-\\uDFFF])");
        else if (_pairs.Count == 0) output.Append('[').Append(_set).Append(']');
        else output.Append("(?:").AppendJoin('|', _pairs).Append(_set.Length == 0 ? "" : $"|[{_set}]").Append(')');
        return 1;
    }

    private void Item(ref int at)
    {
        if (pattern.AsSpan(at).StartsWith("[:", StringComparison.Ordinal) && pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) is var close and > 0)
        {
            string name = pattern[(at + 2)..close];
            bool not = name.StartsWith('^');
            if (!Posix.TryGetValue(not ? name[1..] : name, out var ranges) || name.Length == 1)
            {
                reader.Fail($"There is no class [:{name}:].", "There are alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print, punct, space, upper, word, xdigit.");
                return;
            }
            _set.Append(Text(ranges, not));
            at = close + 2;
            return;
        }
        if (TrySet(pattern, ref at, out string set, out bool negated))
        {
            _set.Append(negated ? Complement(set) : set);
            return;
        }
        if (!TryMember(ref at, out Rune from)) return;
        Rune to = from;
        if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
        {
            int dash = at++;
            if (!TryMember(ref at, out to)) return;
            if (to < from)
            {
                at = dash;
                reader.Fail($"The range {from}-{to} goes backwards.");
                return;
            }
        }
        Range(from, to);
    }

    private bool TryMember(ref int at, out Rune rune)
    {
        if (pattern[at] == '\\')
        {
            if (TryRune(pattern, ref at, out rune)) return true;
            reader.Fail(at + 1 < pattern.Length ? $"RE2 does not know \\{pattern[at + 1]} in a class." : "A backslash ends the expression.");
            return false;
        }
        bool valid = Rune.TryGetRuneAt(pattern, at, out rune);
        if (!valid) rune = Rune.ReplacementChar;
        at += valid ? rune.Utf16SequenceLength : 1;
        return true;
    }

    private void Range(Rune from, Rune to)
    {
        if (from.IsBmp) _set.Append(Hex((char)from.Value)).Append('-').Append(Hex((char)Math.Min(to.Value, 0xffff)));
        if (to.IsBmp) return;
        if (from == to) _pairs.Add(string.Concat(to.ToString().Select(Hex)));
        else _pairs.Add("[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]");
    }

    /// <summary>A set by one escape: <c>\d</c>, <c>\W</c>, <c>\pL</c>, <c>\p{Greek}</c>.</summary>
    public static bool TrySet(string pattern, ref int at, out string set, out bool negated)
    {
        (set, negated) = ("", false);
        if (at + 1 >= pattern.Length || pattern[at] != '\\') return false;
        char c = pattern[at + 1];
        string? posix = char.ToLowerInvariant(c) switch { 'd' => "digit", 'w' => "word", 's' => "s", _ => null };
        if (posix is not null)
        {
            (set, negated) = (Text(Posix[posix], false), char.IsAsciiLetterUpper(c));
            at += 2;
            return true;
        }
        if (c is not ('p' or 'P') || at + 2 >= pattern.Length) return false;
        int close = pattern[at + 2] == '{' ? pattern.IndexOf('}', at) : at + 2;
        if (close < 0) return false;
        string name = close == at + 2 ? pattern[close].ToString() : pattern[(at + 3)..close];
        negated = c == 'P' ^ name.StartsWith('^');
        name = name.TrimStart('^');
        if (Categories.Contains(name)) set = $"\\p{{{name}}}";
        else if (Scripts.TryGetValue(name, out string? script)) set = script;
        else return false;
        at = close + 1;
        return true;
    }

    /// <summary>A character by its escape: <c>\n</c>, <c>\.</c>, <c>\x41</c>, <c>\x{1F600}</c>, <c>\101</c>.</summary>
    public static bool TryRune(string pattern, ref int at, out Rune rune)
    {
        rune = default;
        if (at + 1 >= pattern.Length) return false;
        char c = pattern[at + 1];
        int simple = c switch { 'a' => 7, 'f' => 12, 'n' => 10, 'r' => 13, 't' => 9, 'v' => 11, _ => char.IsAsciiLetterOrDigit(c) || c > '~' ? -1 : c };
        if (simple >= 0)
        {
            rune = new Rune(simple);
            at += 2;
            return true;
        }
        ReadOnlySpan<char> digits;
        int end;
        if (c == 'x')
        {
            bool braced = at + 2 < pattern.Length && pattern[at + 2] == '{';
            end = braced ? pattern.IndexOf('}', at) : at + 3;
            if (end < 0 || end >= pattern.Length) return false;
            digits = braced ? pattern.AsSpan(at + 3, end - at - 3) : pattern.AsSpan(at + 2, 2);
            if (digits.Length is 0 or > 6 || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || !Rune.TryCreate(value, out rune)) return false;
            at = end + 1;
            return true;
        }
        if (c is < '0' or > '7' || c != '0' && (at + 2 >= pattern.Length || pattern[at + 2] is < '0' or > '7')) return false;
        end = at + 1;
        int octal = 0;
        while (end < pattern.Length && end < at + 4 && pattern[end] is >= '0' and <= '7') octal = octal * 8 + (pattern[end++] - '0');
        rune = new Rune(octal);
        at = end;
        return true;
    }

    public static string Hex(char c) => $"\\u{(int)c:X4}";

    private static string Text((char From, char To)[] ranges, bool negated)
    {
        var text = new StringBuilder();
        if (!negated)
        {
            foreach (var (from, to) in ranges) text.Append(Hex(from)).Append('-').Append(Hex(to));
            return text.ToString();
        }
        int next = 0;
        foreach (var (from, to) in ranges)
        {
            if (from > next) text.Append(Hex((char)next)).Append('-').Append(Hex((char)(from - 1)));
            next = to + 1;
        }
        return text.Append(Hex((char)next)).Append('-').Append(Hex('\uffff')).ToString();
    }

    // Only \D \S \W and \P stand in a class negated.
    private static string Complement(string set)
    {
        if (set.StartsWith("\\p", StringComparison.Ordinal)) return "\\P" + set[2..];
        foreach (string name in (ReadOnlySpan<string>)["digit", "word", "s"])
            if (set == Text(Posix[name], false)) return Text(Posix[name], true);
        return "\\u0000-\\uFFFF";
    }
}
