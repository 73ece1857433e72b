using System.Buffers;
using System.Globalization;
using System.Text;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>A text in double quotes with Go's escapes, or in back quotes as it stands.</summary>
internal readonly record struct StringReader(string Value, TextSpan At, DiagnosticCode? Error = null, string? Message = null, string? Hint = null)
{
    public static StringReader Read(string text, int start)
    {
        char quote = text[start];
        int end = quote == '`' ? text.IndexOf('`', start + 1) : Close(text, start + 1);
        if (end < 0)
        {
            int line = text.IndexOf('\n', start);
            var open = new TextSpan(start, (line < 0 ? text.Length : line) - start);
            return new("", open, DiagnosticCode.UnterminatedString, "The text is not closed on its line.", $"Close it with {quote}.");
        }
        var at = new TextSpan(start, end + 1 - start);
        ReadOnlySpan<char> inner = text.AsSpan(start + 1, end - start - 1);
        return quote == '`' || !inner.Contains('\\') ? new(inner.ToString(), at) : Unescaped(text, start + 1, end, at);
    }

    private static int Close(string text, int at)
    {
        for (; at < text.Length && text[at] != '\n'; at++)
        {
            if (text[at] == '"') return at;
            if (text[at] == '\\') at++;
        }
        return -1;
    }

    // \x and octal escapes name bytes, so the text is put together as UTF-8.
    private static StringReader Unescaped(string text, int at, int end, TextSpan whole)
    {
        var bytes = new ArrayBufferWriter<byte>(end - at + 8);
        while (at < end)
        {
            int escape = text.IndexOf('\\', at, end - at);
            Encoding.UTF8.GetBytes(text.AsSpan(at, (escape < 0 ? end : escape) - at), bytes);
            if (escape < 0) break;
            if (!TryEscape(text.AsSpan(escape, end - escape), bytes, out int length))
            {
                length = Math.Min(2, end - escape);
                return new("", new TextSpan(escape, length), DiagnosticCode.BadEscape, $"{text.Substring(escape, length)} is not an escape.",
                    "A backslash itself is written \\\\; a text in back quotes has no escapes.");
            }
            at = escape + length;
        }
        return new(Encoding.UTF8.GetString(bytes.WrittenSpan), whole);
    }

    private static bool TryEscape(ReadOnlySpan<char> escape, ArrayBufferWriter<byte> bytes, out int length)
    {
        length = 2;
        char c = escape.Length > 1 ? escape[1] : '\0';
        int simple = c switch { 'a' => 7, 'b' => 8, 'f' => 12, 'n' => 10, 'r' => 13, 't' => 9, 'v' => 11, '\\' => '\\', '"' => '"', _ => -1 };
        if (simple >= 0) return Byte(simple, bytes);
        length = c switch { 'x' => 4, 'u' => 6, 'U' => 10, >= '0' and <= '3' => 4, _ => 0 };
        if (length == 0 || escape.Length < length) return false;
        if (c is >= '0' and <= '3')
        {
            if (escape[1..4].ContainsAnyExceptInRange('0', '7')) return false;
            return Byte((escape[1] - '0') * 64 + (escape[2] - '0') * 8 + escape[3] - '0', bytes);
        }
        if (!int.TryParse(escape[2..length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)) return false;
        if (c == 'x') return Byte(value, bytes);
        if (!Rune.IsValid(value)) return false;
        Span<byte> encoded = stackalloc byte[4];
        bytes.Write(encoded[..new Rune(value).EncodeToUtf8(encoded)]);
        return true;
    }

    private static bool Byte(int value, ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)value]);
        return true;
    }
}
