using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Waybill.Web;

/// <summary>
/// The server's log: a line an event, whatever text is in it. What would begin a line of its own, colour the terminal or turn the direction of writing
/// is written as <c>\u001b</c>, so that nobody who sends something can forge or hide an event.
/// </summary>
internal sealed class LogLines(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    // C0 and C1 controls, and what Unicode writes lines and directions with.
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Concat([0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF]).Concat(Enumerable.Range(0x202A, 5)).Concat(Enumerable.Range(0x2066, 4)).Select(c => (char)c)]);

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter to)
    {
        string message = entry.Formatter(entry.State, entry.Exception);
        if (message.Length == 0 && entry.Exception is null) return;
        to.Write(clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        to.Write(NameOf(entry.LogLevel));
        to.Write(": ");
        to.Write(entry.Category);
        to.Write('[');
        to.Write(entry.EventId.Id.ToString(CultureInfo.InvariantCulture));
        to.Write("] ");
        to.Write(Encoded(message));
        if (entry.Exception is { } exception)
        {
            to.Write(' ');
            to.Write(Encoded(exception.ToString()));
        }
        to.Write(Environment.NewLine);
    }

    /// <summary>The text in one line, as it reads.</summary>
    internal static string Encoded(string text)
    {
        int at = text.AsSpan().IndexOfAny(Special);
        if (at < 0) return text;
        var encoded = new StringBuilder(text.Length + 16).Append(text, 0, at);
        foreach (char c in text.AsSpan(at))
            _ = c switch
            {
                '\n' => encoded.Append("\\n"),
                '\r' => encoded.Append("\\r"),
                '\t' => encoded.Append("\\t"),
                _ when Special.Contains(c) => encoded.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => encoded.Append(c),
            };
        return encoded.ToString();
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
