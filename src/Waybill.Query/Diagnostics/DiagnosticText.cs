using System.Text;

namespace Waybill.Query.Diagnostics;

/// <summary>Diagnostics for people: the line of the query, a caret under the place, what was meant.</summary>
public static class DiagnosticText
{
    private const int WidthMax = 100;

    /// <summary>All of them, each in three to four lines.</summary>
    public static string Of(string query, IEnumerable<Diagnostic> diagnostics) => string.Join('\n', diagnostics.Select(item => Of(query, item)));

    public static string Of(string query, Diagnostic item)
    {
        var text = new StringBuilder();
        text.Append(item.Kind == DiagnosticKind.Warning ? "warning: " : "error: ").Append(item.Message).Append('\n');
        text.Append(Caret(query, item.Offset, item.Length)).Append('\n');
        if (item.Hint is not null) text.Append("  ").Append(item.Hint).Append('\n');
        else if (item.Expected is not null) text.Append("  Expected: ").Append(item.Expected).Append(".\n");
        return text.ToString();
    }

    /// <summary>Two lines: the line of the query around the place, and carets under the place. Control characters and tabs show as a space.</summary>
    public static string Caret(string query, int offset, int length)
    {
        int lineStart = offset == 0 ? 0 : query.LastIndexOf('\n', offset - 1) + 1;
        int lineEnd = query.IndexOf('\n', offset);
        if (lineEnd < 0) lineEnd = query.Length;
        int from = Math.Max(lineStart, offset - WidthMax / 2), to = Math.Min(lineEnd, from + WidthMax);
        string before = from > lineStart ? "…" : "", after = to < lineEnd ? "…" : "";
        var line = new StringBuilder("  ").Append(before);
        foreach (char c in query.AsSpan(from, to - from)) line.Append(char.IsControl(c) ? ' ' : c);
        line.Append(after).Append("\n  ").Append(' ', before.Length + offset - from).Append('^', Math.Clamp(length, 1, Math.Max(1, to - offset)));
        return line.ToString();
    }
}
