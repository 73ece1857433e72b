using System.Globalization;
using System.Text;
using Waybill.Ledger;

namespace Waybill.Audit;

/// <summary>An entry as one line of ArcSight's Common Event Format. Whatever a text holds, it stays one line: nothing in it can pass for another event.</summary>
internal static class Cef
{
    private static readonly string Version = typeof(Cef).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static string Line(long number, LedgerEntry entry)
    {
        var line = new StringBuilder(512);
        line.Append("CEF:0|Waybill|Waybill|").Append(Version).Append('|');
        Append(line, entry.Action, inHeader: true);
        line.Append('|');
        Append(line, entry.Action, inHeader: true);
        line.Append('|').Append(entry.Outcome == "done" ? '1' : '5').Append('|');
        line.Append(CultureInfo.InvariantCulture, $"rt={entry.TimeUnixNano / 1_000_000} externalId={number}");
        Field("suser", entry.Actor.Id);
        Field(System.Net.IPAddress.TryParse(entry.Actor.Address, out _) ? "src" : "shost", entry.Actor.Address);
        Field("act", entry.Action);
        Field("outcome", entry.Outcome == "done" ? "success" : "failure");
        Field("reason", entry.Outcome == "done" ? null : entry.Outcome);
        Labelled(1, "resource", entry.Sealed is { } part ? LedgerTable.SealedBy(part.Key) : entry.Resource);
        Labelled(2, "traceId", entry.TraceId);
        Labelled(3, "tenant", entry.Tenant);
        Labelled(4, "actorKind", entry.Actor.Kind);
        Labelled(5, "session", entry.Actor.Session);
        return line.ToString();

        void Labelled(int place, string label, string? value)
        {
            if (string.IsNullOrEmpty(value)) return;
            line.Append(CultureInfo.InvariantCulture, $" cs{place}Label={label}");
            Field(string.Create(CultureInfo.InvariantCulture, $"cs{place}"), value);
        }

        void Field(string name, string? value)
        {
            if (string.IsNullOrEmpty(value)) return;
            line.Append(' ').Append(name).Append('=');
            Append(line, value, inHeader: false);
        }
    }

    private static void Append(StringBuilder line, string text, bool inHeader)
    {
        foreach (char c in text)
            switch (c)
            {
                case '\\': line.Append("\\\\"); break;
                case '|' when inHeader: line.Append("\\|"); break;
                case '=' when !inHeader: line.Append("\\="); break;
                case '\n' when !inHeader: line.Append("\\n"); break;
                case '\r' when !inHeader: line.Append("\\r"); break;
                case var _ when IsUnseen(c): line.Append(CultureInfo.InvariantCulture, $"\\\\u{(int)c:x4}"); break;
                default: line.Append(c); break;
            }
    }

    /// <summary>Controls, what ends a line in some program, and what turns the direction of text around.</summary>
    private static bool IsUnseen(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u200e' or '\u200f' or '\u061c' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff';
}
