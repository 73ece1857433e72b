using Waybill.Query.Syntax;

namespace Waybill.Query.Diagnostics;

/// <summary>Gathers what is wrong with one text, in its order, up to a bound.</summary>
internal sealed class DiagnosticList(string text, int max)
{
    private const int FoundLengthMax = 40;

    private readonly List<Diagnostic> _items = [];

    public bool HasErrors { get; private set; }

    public void Add(DiagnosticCode code, TextSpan at, string message, string? expected = null, string? hint = null, string? replacement = null)
    {
        HasErrors |= code.Kind() != DiagnosticKind.Warning;
        if (_items.Count >= max) return;
        int start = Math.Clamp(at.Start, 0, text.Length), length = Math.Clamp(at.Length, 0, text.Length - start);
        int lineStart = start == 0 ? 0 : text.LastIndexOf('\n', start - 1) + 1;
        int line = 1 + text.AsSpan(0, lineStart).Count('\n');
        string? found = length == 0 ? start == text.Length ? "the end" : null : Shortened(text.Substring(start, Math.Min(length, FoundLengthMax + 1)));
        _items.Add(new Diagnostic(code, message, start, length, line, start - lineStart + 1, found, expected, hint, replacement));
    }

    public IReadOnlyList<Diagnostic> ToList() => [.. _items.OrderBy(item => item.Offset)];

    public static string Shortened(string text) => text.Length <= FoundLengthMax ? text : string.Concat(text.AsSpan(0, FoundLengthMax - 1), "…");
}
