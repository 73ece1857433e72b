using System.Buffers;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Waybill.Ingest;
using Waybill.Redaction;
using Waybill.Spool;
using Waybill.Web;

namespace Waybill.Changes;

/// <summary>Where changes are reported: the same way for every form. Answered when they are durable.</summary>
internal sealed class ChangeEdge(
    ChangeIntake intake, ChangeRedaction redaction, ChangeOptions options, Receiver receiver, Admission admission, IngestOptions ingest, BrowserOrigins origins, IOptions<PortsOptions> ports, TimeProvider clock)
{
    /// <param name="Id">32 hexadecimal digits: the change, for <c>/api/changes/{id}</c>.</param>
    /// <param name="Key">The sender's own name for it.</param>
    private sealed record Accepted(string Id, string? Key);

    private sealed record Answer(IEnumerable<Accepted> Accepted, IReadOnlyList<string>? Remarks);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private readonly bool _fromThisMachineOnly = IPAddress.IsLoopback(IPAddress.Parse(ports.Value.Bind));

    public async Task Post(HttpContext http, ReportReader read)
    {
        if (origins.Answered(http) || IsAskedWhetherWanted(http)) return;

        var remarks = new List<string>();
        var (reports, refusal) = await Take(http, read, remarks);
        if (refusal is { Reason: RefusalReason.SenderGone }) return;
        if (refusal is not null)
        {
            receiver.Refused(Receiver.CallerOf(http, Protocol.Changes), refusal);
            IngestHeaders.Refuse(http.Response, refusal);
            http.Response.ContentType = IngestHeaders.Json;
            await http.Response.BodyWriter.WriteAsync(Answers.StatusJson(refusal));
            return;
        }
        var accepted = reports.Select(report => new Accepted(ChangeTable.Hex(report.Id), report.Key.Length == 0 ? null : redaction.Redact(report.Key)));
        await http.Response.WriteAsJsonAsync(new Answer(accepted, remarks.Count == 0 ? null : [.. remarks.Select(redaction.Redact)]), Json, http.RequestAborted);
    }

    /// <summary>CloudEvents' webhooks ask first whether events are wanted here.</summary>
    private static bool IsAskedWhetherWanted(HttpContext http)
    {
        string? origin = http.Request.Headers["WebHook-Request-Origin"];
        if (!HttpMethods.IsOptions(http.Request.Method) || origin is null) return false;
        http.Response.Headers["WebHook-Allowed-Origin"] = origin;
        http.Response.Headers["WebHook-Allowed-Rate"] = "*";
        http.Response.Headers.Allow = "POST";
        return true;
    }

    private async Task<(IReadOnlyList<ChangeReport>, Refusal?)> Take(HttpContext http, ReportReader read, List<string> remarks)
    {
        var request = http.Request;
        if (!HttpMethods.IsPost(request.Method)) return ([], new(RefusalReason.Method, $"{request.Path} takes POST only."));
        if (IngestHeaders.EncodingOf(request.Headers.ContentEncoding) is not ContentEncoding.Identity)
            return ([], new(RefusalReason.UnknownEncoding, "Changes are taken uncompressed.", Field: "Content-Encoding"));
        long bytes = request.ContentLength ?? options.RequestBytesMax;
        if (bytes > options.RequestBytesMax) return ([], TooLarge());
        if (!admission.TryEnter(bytes)) return ([], Inflate.Full(admission));
        try
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound) bound.MaxRequestBodySize = options.RequestBytesMax;
            byte[] body = await ReadBody(http);
            var reports = read(new ChangeRequest(request.Headers, request.ContentType, body, clock.UnixNano(), _fromThisMachineOnly, options, redaction, remarks));
            await intake.Accept(ingest.Tenant, reports, CancellationToken.None);
            return (reports, null);
        }
        catch (BadReportException e)
        {
            return ([], new(RefusalReason.Malformed, redaction.Redact(e.Message), Field: redaction.Redact(e.Field)));
        }
        catch (UnsignedException e)
        {
            return ([], new(RefusalReason.Signature, e.Message, Field: e.Header));
        }
        catch (SpoolFullException)
        {
            return ([], new(RefusalReason.SpoolFull, "The server's spool is full: its engine or disk does not keep up. Send again after the given delay.", admission.RetryAfter()));
        }
        catch (SpoolFailedException)
        {
            return ([], new(RefusalReason.NotStored, "The changes could not be made durable. Send them again after the given delay; the server's log says more.", ingest.RetryAfterMax));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return ([], TooLarge());
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            return ([], new(RefusalReason.SenderGone, "The sender closed the connection before its request had arrived."));
        }
        finally
        {
            admission.Leave(bytes);
        }
    }

    private static async Task<byte[]> ReadBody(HttpContext http)
    {
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            byte[]? whole = read.IsCompleted ? read.Buffer.ToArray() : null;
            http.Request.BodyReader.AdvanceTo(whole is null ? read.Buffer.Start : read.Buffer.End, read.Buffer.End);
            if (whole is not null) return whole;
        }
    }

    private Refusal TooLarge() => new(RefusalReason.TooLarge, $"The request is larger than {options.RequestBytesMax} bytes. Send fewer changes at a time, or raise Changes:RequestBytesMax.");
}
