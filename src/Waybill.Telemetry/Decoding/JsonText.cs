using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Waybill.Batches;

namespace Waybill.Decoding;

/// <summary>Strings between JSON and plain text, straight into the arena: no string object, lone surrogates and bad UTF-8 become U+FFFD.</summary>
internal static class JsonText
{
    // What needs no escape and no check: ASCII without control characters, quotes and backslashes.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~\u007f"u8);

    /// <summary>The text of a JSON string with escapes, cut at the limit like any other.</summary>
    public static Text Unescape(ref DecodeState state, ReadOnlySpan<byte> source, int bytesMax)
    {
        int start = state.Arena.Length;
        Append(ref state, source, escaped: true, quoted: false, bytesMax);
        return new Text(start, state.Arena.Length - start);
    }

    /// <summary>Appends at most about <paramref name="bytesMax"/> bytes, and the words of a cut when there was more.</summary>
    /// <param name="escaped">The source is the inside of a JSON string with escapes; its escapes were checked.</param>
    /// <param name="quoted">Write it as the inside of a JSON string.</param>
    public static void Append(ref DecodeState state, ReadOnlySpan<byte> source, bool escaped, bool quoted, int bytesMax)
    {
        int start = state.Arena.Length, limit = start + bytesMax, length = source.Length;
        bool repaired = false;
        Span<byte> character = stackalloc byte[6];
        while (!source.IsEmpty)
        {
            int run = source.IndexOfAnyExcept(Plain);
            if (run < 0) run = source.Length;
            if (state.Arena.Length + run > limit)
            {
                state.Arena.Append(source[..Math.Max(0, Math.Min(run, limit - CutRoom(bytesMax) - state.Arena.Length))]);
                Cut(ref state, start, limit - CutRoom(bytesMax), length, quoted);
                break;
            }
            state.Arena.Append(source[..run]);
            source = source[run..];
            if (source.IsEmpty) break;

            Rune rune = Next(source, escaped, out int consumed, ref repaired);
            int written = quoted ? Escape(rune, character) : rune.EncodeToUtf8(character);
            if (state.Arena.Length + written > limit)
            {
                Cut(ref state, start, limit - CutRoom(bytesMax), length, quoted);
                break;
            }
            state.Arena.Append(character[..written]);
            source = source[consumed..];
        }
        if (repaired) state.Counts.RepairedTexts++;
    }

    private static int CutRoom(int bytesMax) => Math.Min(Texts.CutRoom, bytesMax);

    /// <summary>Goes back to a whole character, and a whole escape, that leaves room for the words.</summary>
    private static void Cut(ref DecodeState state, int start, int end, int length, bool quoted)
    {
        var written = state.Arena.Bytes[start..];
        int kept = Math.Min(written.Length, Math.Max(0, end - start));
        kept = kept == written.Length ? kept : Texts.Boundary(written, kept);
        if (quoted)
        {
            int escape = written[Math.Max(0, kept - 5)..kept].LastIndexOf((byte)'\\');
            if (escape >= 0)
            {
                escape += Math.Max(0, kept - 5);
                int slashes = 0;
                while (escape - slashes >= 0 && written[escape - slashes] == '\\') slashes++;
                bool opens = slashes % 2 == 1;
                int size = escape + 1 < written.Length && written[escape + 1] == 'u' ? 6 : 2;
                if (opens && escape + size > kept) kept = escape;
            }
        }
        state.Arena.Truncate(start + kept);
        Texts.AppendCut(ref state, length);
    }

    private static Rune Next(ReadOnlySpan<byte> source, bool escaped, out int consumed, ref bool repaired)
    {
        if (escaped && source[0] == '\\' && source.Length > 1) return Unescape(source, out consumed, ref repaired);
        if (Rune.DecodeFromUtf8(source, out Rune rune, out consumed) != OperationStatus.Done) repaired = true;
        return rune;
    }

    private static Rune Unescape(ReadOnlySpan<byte> source, out int consumed, ref bool repaired)
    {
        consumed = 2;
        if (source[1] != 'u')
            return new Rune((char)(source[1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                var other => other,
            }));
        consumed = 6;
        char first = CodeUnit(source);
        if (Rune.TryCreate(first, out Rune rune)) return rune;
        if (source.Length >= 12 && source[6] == '\\' && source[7] == 'u' && Rune.TryCreate(first, CodeUnit(source[6..]), out rune))
        {
            consumed = 12;
            return rune;
        }
        repaired = true;
        return Rune.ReplacementChar;
    }

    // \uXXXX
    private static char CodeUnit(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x') ? (char)unit : '\uFFFD';

    private static int Escape(Rune rune, Span<byte> target)
    {
        if (rune.Value >= 0x20 && rune.Value != '"' && rune.Value != '\\') return rune.EncodeToUtf8(target);
        target[0] = (byte)'\\';
        target[1] = rune.Value switch
        {
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            '\b' => (byte)'b',
            '\f' => (byte)'f',
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            _ => (byte)'u',
        };
        if (target[1] != 'u') return 2;
        "00"u8.CopyTo(target[2..]);
        Utf8Formatter.TryFormat((byte)rune.Value, target[4..], out _, new StandardFormat('x', 2));
        return 6;
    }

    /// <summary>Appends base64 in the standard alphabet with padding, whatever of the two common alphabets and paddings it came in.</summary>
    /// <returns>False when a character is of neither alphabet or the length is impossible.</returns>
    public static bool TryAppendBase64(TextArena arena, ReadOnlySpan<byte> source)
    {
        var room = arena.Reserve(source.Length + 3);
        int start = arena.Length - room.Length, written = 0;
        bool repaired = false, padded = false;
        while (!source.IsEmpty)
        {
            // Some writers escape here too: PHP '/' as \/, .NET '+' as \u002B.
            int c = Next(source, escaped: true, out int consumed, ref repaired).Value;
            source = source[consumed..];
            if (c == '-') c = '+';
            if (c == '_') c = '/';
            padded |= c == '=';
            if (padded ? c != '=' : c > 'z' || (!char.IsAsciiLetterOrDigit((char)c) && c is not ('+' or '/')))
            {
                arena.Truncate(start);
                return false;
            }
            if (!padded) room[written++] = (byte)c;
        }
        bool possible = written % 4 != 1;
        while (possible && written % 4 != 0) room[written++] = (byte)'=';
        arena.Truncate(start + (possible ? written : 0));
        return possible;
    }
}
