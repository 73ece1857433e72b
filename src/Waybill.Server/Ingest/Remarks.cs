using System.Text;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Ingest;

/// <summary>What is said to a sender whose request was taken, but not as it was: OTLP's partial_success.error_message.</summary>
internal static class Remarks
{
    // Far below the 4 MiB that the specification allows for an answer; every reason at once, with a long path, stays under it.
    private const int CharsMax = 4_096;

    /// <summary>One sentence per reason with its count and fix; null when there is nothing to say.</summary>
    public static string? Of(Signal signal, int accepted, Rejections rejected, in DecodeCounts changed)
    {
        if (rejected.Count == 0 && changed == default) return null;
        var text = new StringBuilder();
        if (rejected.Count > 0)
        {
            text.Append($"Rejected {rejected.Count} of {rejected.Count + accepted} {signal.Items()}; ");
            text.Append($"{(accepted > 0 ? "the others are stored" : "nothing is stored")}; do not send them again. {rejected.Explain()} ");
        }
        if (changed != default) text.Append("Stored with changes: ");
        Add(changed.TruncatedValues, "texts or values cut at the limits (shorten them, or raise Ingest:Decode:ValueBytesMax, BodyBytesMax or NestingMax)");
        Add(changed.DroppedAttributes, "attributes beyond the limit or without a key left out (Ingest:Decode:AttributesMax)");
        Add(changed.DroppedEvents, "events beyond the limit or empty left out (Ingest:Decode:EventsMax)");
        Add(changed.DroppedLinks, "links beyond the limit or empty left out (Ingest:Decode:LinksMax)");
        Add(changed.DroppedExemplars, "exemplars beyond the limit or without a value left out (Ingest:Decode:ExemplarsMax)");
        Add(changed.RepairedTexts, "texts repaired that were not UTF-8 (send UTF-8)");
        Add(changed.IgnoredIds, "trace or span ids of the wrong length read as absent (send 16 and 8 bytes)");
        Add(changed.UnknownEnums, "unknown enum numbers stored as unspecified (use the numbers of OTLP)");
        if (changed != default) text.Length -= 2;

        string remark = text.ToString().TrimEnd() + (changed != default ? "." : "");
        return remark.Length <= CharsMax ? remark : remark[..(CharsMax - 3)] + "...";

        void Add(int count, string what)
        {
            if (count > 0) text.Append($"{count} {what}; ");
        }
    }

    /// <summary>The reason as a metric's label, in snake_case.</summary>
    internal static string Label(Rejection reason) => Refusal.SnakeCase(reason.ToString());
}
