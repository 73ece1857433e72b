using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Waybill.Changes;

/// <summary>One event as CloudEvents 1.0 carries it, whatever the mode it came in.</summary>
internal sealed record CloudEvent(string Id, string Source, string Type, string Subject, string Time, string TraceParent, JsonElement Data);

/// <summary>Tells the forms of a request to <c>/v1/changes</c> apart: CloudEvents in one of three modes, or our own JSON.</summary>
internal static class CloudEvents
{
    public static IReadOnlyList<ChangeReport> Read(ChangeRequest request)
    {
        using JsonDocument document = request.ReadJson();
        return ChangeJson.Read(document.RootElement, request.Headers["Idempotency-Key"].ToString(), "api", request.ReceivedUnixNano, request.Options, request.Remarks);
    }
}
