using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Audit;

/// <summary>Entries for other systems, in the order in which they were written: from the ledger's files, which are the truth, not from its rows.</summary>
internal static class AuditExport
{
    private const int LimitDefault = 1_000, LimitMax = 10_000;
    private static readonly string[] Formats = ["ocsf", "cef"];

    // One event a line, whatever its texts hold: the strict encoder leaves nothing but ASCII.
    private static readonly JsonWriterOptions OneLine = new() { Indented = false, Encoder = JavaScriptEncoder.Default };

    public static void MapExport(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/audit/export", Export).On(Listener.Console).Needs(Permission.LedgerRead).ReadAs("audit.export")
            .WithSummary("Entries of the ledger for a SIEM, oldest first: OCSF 1.8 as NDJSON, or lines of CEF")
            .WithDescription("The header Waybill-Next is the from of the next page. Asking again with the same from gives the same entries: what is not processed yet is not lost.")
            .WithChoice("format", "ocsf or cef.", Formats)
            .WithNumber("from", "The number of the first entry.", 0, long.MaxValue, 0)
            .WithNumber("limit", "Entries to look at, at most.", 1, LimitMax, LimitDefault)
            .AnswersWith("application/x-ndjson", "An event a line.");

    private static async Task Export(HttpContext http, LedgerLog log, NoteSigner signer)
    {
        string format = http.Request.Query["format"].ToString() is { Length: > 0 } given ? given : Formats[0];
        if (!Formats.Contains(format))
        {
            await Problems.BadRequest(http, "format", "Expected ocsf or cef.");
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out int limit) is { } bad)
        {
            await Problems.BadRequest(http, "limit", bad);
            return;
        }
        long from = 0;
        if (http.Request.Query["from"].ToString() is { Length: > 0 } text && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out from))
        {
            await Problems.BadRequest(http, "from", $"'{Problems.Shorten(text)}' is not an entry's number: send Waybill-Next of the page before.");
            return;
        }
        string tenant = http.Tenant();
        long next = Math.Max(from, Math.Min(log.Size, from + limit));
        http.Response.Headers["Waybill-Next"] = next.ToString(CultureInfo.InvariantCulture);
        http.Response.ContentType = format == "cef" ? "text/plain; charset=utf-8" : "application/x-ndjson";
        foreach (var (number, entry) in Read(log, from, next))
            if (entry.Tenant == tenant) await http.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(Format(format, signer.Key.Name, number, entry) + "\n"), http.RequestAborted);
    }

    public static string Format(string format, string origin, long number, LedgerEntry entry)
    {
        if (format == "cef") return Cef.Line(number, entry);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, OneLine)) Ocsf.Write(json, origin, number, entry);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Entries from one number to before another; one that a later version wrote and this one cannot read is passed over.</summary>
    public static IEnumerable<(long Number, LedgerEntry Entry)> Read(LedgerLog log, long from, long until)
    {
        while (from < until)
        {
            long bundle = from / MerkleTree.TileWidth, begin = bundle * MerkleTree.TileWidth;
            int width = (int)Math.Min(MerkleTree.TileWidth, log.Size - begin);
            IReadOnlyList<byte[]> entries = log.Files.ReadEntries(bundle, width);
            for (; from < until && from < begin + width; from++)
                if (LedgerEntry.Parse(entries[(int)(from - begin)]) is { } entry) yield return (from, entry);
        }
    }
}
