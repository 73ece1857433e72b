using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Waybill.Audit;
using Waybill.Decoding;
using Waybill.Redaction;
using Waybill.Spool;

namespace Waybill.Ingest;

/// <summary>Who sent a request, as the connection tells.</summary>
public readonly record struct Caller(Protocol Protocol, string? Peer, string? UserAgent);

/// <summary>
/// The way of every request, whatever its protocol: admit, read, decompress, decode, redact, store once, answer. Nothing is answered as taken
/// before <see cref="Intake"/> says that it is durable.
/// </summary>
public sealed partial class Receiver(
    IngestOptions options, Admission admission, Receptions receptions, IngestRedaction redaction, RecentRequests recent, AuditLogs auditLogs, Intake intake,
    IngestCounters counters, Senders senders, Refusals refusals, TimeProvider clock, ILogger<Receiver> log)
{
    /// <summary>Takes a request in. Never throws: what goes wrong is a <see cref="Refusal"/>, counted and listed.</summary>
    /// <param name="cancel">Fires when the sender is gone or its deadline has passed. What is being stored by then is stored to the end.</param>
    internal async ValueTask<Reply> Receive(HttpContext http, Signal signal, Protocol protocol, ContentEncoding encoding, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        var caller = CallerOf(http, protocol);
        caller = caller with { UserAgent = redaction.Redact(caller.UserAgent) };
        Reply reply;
        try
        {
            reply = await ReadAndTake(http, signal, caller, encoding, cancel);
        }
        catch (Exception e)
        {
            reply = Explain(e, http);
        }
        if (reply.Refusal is { } refusal) Refused(caller, refusal);
        counters.Took(protocol, clock.GetElapsedTime(began));
        return reply;
    }

    /// <summary>Counts and lists a request that was refused, here or at an edge before it came here.</summary>
    internal void Refused(Caller caller, Refusal refusal)
    {
        counters.CountRefused(caller.Protocol, refusal.Reason);
        if (refusals.Add(caller, refusal) is { } notLogged)
            LogRefused(refusal.Label, caller.Protocol.Name(), caller.Peer, refusal.HttpStatus, refusal.Message, notLogged);
    }

    internal static Caller CallerOf(HttpContext http, Protocol protocol) =>
        new(protocol, http.Connection.RemoteIpAddress?.ToString(), http.Request.Headers.UserAgent);

    private async ValueTask<Reply> ReadAndTake(HttpContext http, Signal signal, Caller caller, ContentEncoding encoding, CancellationToken cancel)
    {
        // Kestrel's bound is for other rooms; ours is kept while reading, and answers in the protocol's way.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound) bound.MaxRequestBodySize = null;
        long declared = http.Request.ContentLength ?? 0;
        if (declared > options.RequestBytesMax + 5L) return Refusal.TooLarge(options.RequestBytesMax);
        if (!admission.TryEnter(declared)) return Inflate.Full(admission);

        Reception? reception = null;
        bool storingOwns = false;
        try
        {
            var body = http.Request.BodyReader;
            await BodyReader.WaitForFirstByte(body, cancel);
            reception = receptions.Open(signal, declared);
            var read = caller.Protocol == Protocol.OtlpGrpc
                ? BodyReader.ReadGrpc(body, reception, encoding, options, receptions, admission, cancel)
                : BodyReader.ReadHttp(body, reception, encoding, options, receptions, admission, cancel);
            if (await read is { } refusal) return refusal;

            reception.BodyBytes = reception.Text.Length;
            var request = new IngestRequest(options.Tenant, reception.Hash(caller.Protocol, options.Tenant), caller.Protocol.Name(),
                caller.Peer, caller.UserAgent, clock.UnixNano(), reception.BodyBytes) { Findings = reception.Findings };
            var decoded = Decoders.Decode(reception, caller.Protocol, options.Decode);
            if (!decoded.Ok) return new Refusal(RefusalReason.Malformed, redaction.Redact(decoded.Message)!, Field: redaction.Redact(decoded.Path));

            redaction.Redact(reception);
            var reply = new Reply(null, reception.Rejections.Count, redaction.Redact(Remarks.Of(signal, reception.Items, reception.Rejections, decoded.Counts)));
            var storing = Store(reception, decoded.Counts, caller, request);
            storingOwns = true; // It closes the reception, even when nobody waits for it any more.
            return await storing.WaitAsync(cancel) is { } notStored ? notStored : reply;
        }
        finally
        {
            if (reception is null) admission.Leave(declared);
            else if (!storingOwns) receptions.Close(reception);
        }
    }

    /// <summary>Stores what was decoded, unless it is stored already, and gives the reception back.</summary>
    private async Task<Refusal?> Store(Reception reception, DecodeCounts changed, Caller caller, IngestRequest request)
    {
        try
        {
            if (reception.Items > 0 && !await StoreOnce(reception, request))
            {
                counters.Duplicate();
                return null;
            }
            counters.Accepted(reception, caller.Protocol, changed);
            redaction.Stored(reception);
            if (reception.Items > 0) senders.Saw(reception, caller);
            return null;
        }
        catch (SpoolFullException)
        {
            return new(RefusalReason.SpoolFull, "The server's spool is full: its engine or disk does not keep up. Send again after the given delay.", admission.RetryAfter());
        }
        catch (Exception e)
        {
            LogNotStored(e.GetType().Name, e.StackTrace);
            return new(RefusalReason.NotStored, "The request could not be made durable. Send it again after the given delay; the server's log says more.", options.RetryAfterMax);
        }
        finally
        {
            receptions.Close(reception);
        }
    }

    /// <returns>False when the same request was stored before.</returns>
    private async ValueTask<bool> StoreOnce(Reception reception, IngestRequest request)
    {
        while (true)
        {
            switch (recent.Begin(request.Hash, out var first))
            {
                case Recollection.Stored:
                case Recollection.InFlight when await first!:
                    return false;
                case Recollection.InFlight:
                    continue;
            }
            bool stored = false;
            try
            {
                if (reception.Signal == Signal.Logs) await auditLogs.Record(reception.Logs, request);
                // Not cancelled with its sender: a record half on its way must end one way or the other, so that a retry can be told which.
                await (reception.Signal switch
                {
                    Signal.Traces => intake.Accept(reception.Spans, request, CancellationToken.None),
                    Signal.Logs => intake.Accept(reception.Logs, request, CancellationToken.None),
                    _ => intake.Accept(reception.Metrics, request, CancellationToken.None),
                });
                return stored = true;
            }
            finally
            {
                recent.End(request.Hash, stored);
            }
        }
    }

    private Refusal Explain(Exception e, HttpContext http)
    {
        switch (e)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Refusal.TooLarge(options.RequestBytesMax);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return new(RefusalReason.SlowBody, "The body arrived slower than Connections:BodyBytesPerSecondMin. Check the network, or send smaller batches.");
            case BadHttpRequestException:
                return new(RefusalReason.Framing, "The body does not follow HTTP: its length or its chunks are wrong. Check what stands between sender and server.");
            case OperationCanceledException when !http.RequestAborted.IsCancellationRequested:
                return new(RefusalReason.Deadline, "The call's own deadline passed before the request was durable. It may yet be stored; a retry is not stored twice.");
            case OperationCanceledException or IOException or ConnectionAbortedException or ConnectionResetException:
                return new(RefusalReason.SenderGone, "The sender closed the connection before its request had arrived.");
            default:
                LogDefect(e.GetType().Name, e.StackTrace);
                return new(RefusalReason.Defect, "The server failed on this request. It is a defect: please report it with the server's log.");
        }
    }

    // Exceptions are logged without their messages, which may quote what was sent.
    [LoggerMessage(1, LogLevel.Warning, "Refused: {Reason} by {Protocol} from {Peer}, status {Status}. {Message} ({NotLogged} more since the last such line)")]
    private partial void LogRefused(string reason, string protocol, string? peer, int status, string message, int notLogged);

    [LoggerMessage(2, LogLevel.Error, "Not stored: {Exception} {Stack}")]
    private partial void LogNotStored(string exception, string? stack);

    [LoggerMessage(3, LogLevel.Error, "A request failed on a defect: {Exception} {Stack}")]
    private partial void LogDefect(string exception, string? stack);
}
