namespace Waybill.Query.Diagnostics;

/// <summary>One thing that is wrong with a query, where, and what was probably meant.</summary>
/// <param name="Message">A sentence without the position.</param>
/// <param name="Offset">UTF-16 units from the begin of the text; from 0 to its length.</param>
/// <param name="Length">Units that it concerns; 0 at the end of the text.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">Units from the begin of the line, from 1.</param>
/// <param name="Found">What stands there, shortened; null when it does not matter.</param>
/// <param name="Expected">What could stand there, null when that says nothing.</param>
/// <param name="Hint">What was probably meant, as a sentence; null when nothing comes to mind.</param>
/// <param name="Replacement">Text that, in place of the concerned one, is probably what was meant; null when there is none.</param>
public sealed record Diagnostic(DiagnosticCode Code, string Message, int Offset, int Length, int Line, int Column,
    string? Found = null, string? Expected = null, string? Hint = null, string? Replacement = null)
{
    public DiagnosticKind Kind => Code.Kind();

    /// <summary>The whole, in one line.</summary>
    public override string ToString()
    {
        string text = $"line {Line}, column {Column}: {Message}";
        return Hint is null ? text : $"{text} {Hint}";
    }
}
