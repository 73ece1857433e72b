using System.Globalization;
using System.Text;

namespace Waybill.Terminal;

/// <summary>
/// Makes text from telemetry harmless on a terminal, and visible: whoever sends a span chooses its name, and must not thereby move the
/// cursor, recolour the screen, hide a line or turn the reading direction around.
/// </summary>
internal static class Visible
{
    /// <summary>Combining marks in a row that are still a letter of some language; more of them paint over the lines above and below.</summary>
    private const int MarksMax = 2;

    /// <summary>The text with control characters as pictures (␛, ⏎), and other characters that do not show as <c>\u202e</c>.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        int harmless = 0;
        while (harmless < text.Length && text[harmless] is >= ' ' and <= '~') harmless++;
        if (harmless == text.Length) return text;

        var shown = new StringBuilder(text.Length + 16).Append(text, 0, harmless);
        int marks = 0;
        foreach (Rune rune in text.AsSpan(harmless).EnumerateRunes())
        {
            marks = IsMark(rune) ? marks + 1 : 0;
            if (marks > MarksMax) continue;
            if (IsHarmless(rune)) shown.Append(rune.ToString());
            else shown.Append(Picture(rune.Value));
        }
        return shown.ToString();
    }

    /// <summary>True for a character that shows as itself and changes nothing around it.</summary>
    public static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Columns of a terminal that the text takes. It must have passed <see cref="Of"/>.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    /// <summary>The text in at most <paramref name="width"/> columns; what is cut off shows as <c>…</c>.</summary>
    public static string Cut(string text, int width)
    {
        if (width <= 0) return "";
        if (text.Length <= width && Width(text) <= width) return text;
        int used = 0, length = 0, fits = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            used += Width(rune);
            length += rune.Utf16SequenceLength;
            if (used <= width - 1) fits = length;
            if (used > width) return string.Concat(text.AsSpan(0, fits), "…");
        }
        return text;
    }

    /// <summary>Exactly <paramref name="width"/> columns: cut, or filled with spaces.</summary>
    public static string Fit(string text, int width)
    {
        string cut = Cut(text, width);
        return cut + new string(' ', Math.Max(0, width - Width(cut)));
    }

    private static string Picture(int rune) => rune switch
    {
        '\n' => "⏎",
        '\r' => "␍",
        '\t' => "⇥",
        < 0x20 => ((char)(0x2400 + rune)).ToString(),
        0x7F => "␡",
        <= 0xFFFF => $"\\u{rune:x4}",
        _ => $"\\U{rune:x8}",
    };

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    // Unicode Standard Annex 11, the ranges that are wide in whole; ambiguous characters are narrow, as in terminals outside East Asia.
    private static int Width(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        _ when IsMark(rune) => 0,
        >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x303E or >= 0x3041 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
            or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1F64F or >= 0x1F680 and <= 0x1F6FF
            or >= 0x1F900 and <= 0x1F9FF or >= 0x20000 and <= 0x3FFFD => 2,
        _ => 1,
    };
}
