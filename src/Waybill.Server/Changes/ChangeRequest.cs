using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Waybill.Redaction;

namespace Waybill.Changes;

/// <summary>A request that reports changes, read whole: what each reader of a form of report is given.</summary>
/// <param name="FromThisMachineOnly">The server can be reached from its own machine only.</param>
/// <param name="Remarks">What was understood in another way than meant, perhaps; goes into the answer.</param>
internal sealed record ChangeRequest(
    IHeaderDictionary Headers, string? ContentType, byte[] Body, long ReceivedUnixNano, bool FromThisMachineOnly, ChangeOptions Options, ChangeRedaction Redaction, List<string> Remarks)
{
    /// <summary>Redacted before anything is made of it: who takes a part of a text takes what says that it is sensitive away.</summary>
    /// <exception cref="BadReportException">The body is not JSON.</exception>
    public JsonDocument ReadRedactedJson(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = ReadJson(body);
        return ReadJson(Redaction.Redact(document.RootElement));
    }


    /// <exception cref="BadReportException">The body is not JSON.</exception>
    public JsonDocument ReadJson() => ReadJson(Body);

    public static JsonDocument ReadJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException e)
        {
            throw new BadReportException("body", $"is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }
}

/// <summary>Makes reports of a request, or throws <see cref="BadReportException"/> or <see cref="UnsignedException"/>.</summary>
internal delegate IReadOnlyList<ChangeReport> ReportReader(ChangeRequest request);
