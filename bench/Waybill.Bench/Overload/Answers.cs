using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Waybill.Posting;

namespace Waybill.Overload;

/// <summary>Reads what a server answers to the SDK's exporter, which itself only says success or failure.</summary>
internal sealed class Answers() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true })
{
    private const int GrpcOk = 0, GrpcResourceExhausted = 8, GrpcUnavailable = 14;

    private readonly ConcurrentDictionary<string, int> _counts = new();

    /// <summary>How often each answer came: "200", "429", "grpc 0", "grpc 14", "no answer".</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Answers that lose data or do not say when to come back, by kind.</summary>
    public ConcurrentDictionary<AttemptFlaw, int> Flaws { get; } = new();

    /// <summary>Whether any attempt since the last <see cref="Forget"/> ended without an answer: then its spans may be stored all the same.</summary>
    public bool Unanswered { get; private set; }

    public bool Partial { get; private set; }

    public void Forget() => Unanswered = Partial = false;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Watch(base.Send(request, cancellationToken)).GetAwaiter().GetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try { return await Watch(await base.SendAsync(request, cancellationToken)); }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            Unanswered = true;
            _counts.AddOrUpdate("no answer", 1, (_, count) => count + 1);
            throw;
        }
    }

    private async Task<HttpResponseMessage> Watch(HttpResponseMessage answer)
    {
        await answer.Content.LoadIntoBufferAsync();   // trailers come after the body
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        bool grpc = answer.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        var (name, flaw) = grpc ? Grpc(answer, body) : Http(answer, body);
        _counts.AddOrUpdate(name, 1, (_, count) => count + 1);
        if (flaw != AttemptFlaw.None) Flaws.AddOrUpdate(flaw, 1, (_, count) => count + 1);
        Partial |= flaw == AttemptFlaw.Partial;
        return answer;
    }

    private static (string, AttemptFlaw) Http(HttpResponseMessage answer, byte[] body) => (((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture),
        SendLog.Judge(answer.StatusCode, answer.Headers.RetryAfter is not null, answer.StatusCode == HttpStatusCode.OK && PartialSuccess.Rejects(body)));

    // Body: 1 byte compressed, 4 bytes length, message. Refusals carry grpc-status in the headers (no body) or in the trailers.
    private static (string, AttemptFlaw) Grpc(HttpResponseMessage answer, byte[] body)
    {
        string? Header(string name) => answer.TrailingHeaders.TryGetValues(name, out var values) || answer.Headers.TryGetValues(name, out values) ? values.First() : null;

        int status = int.TryParse(Header("grpc-status"), CultureInfo.InvariantCulture, out int code) ? code : 2;   // 2 = UNKNOWN
        var flaw = status switch
        {
            GrpcOk => body.Length > 5 && PartialSuccess.Rejects(body.AsSpan(5)) ? AttemptFlaw.Partial : AttemptFlaw.None,
            GrpcUnavailable or GrpcResourceExhausted => SaysWhenToRetry(Header("grpc-status-details-bin")) ? AttemptFlaw.None : AttemptFlaw.NoRetryAfter,
            _ => AttemptFlaw.NotRetryable,
        };
        return ($"grpc {status}", flaw);
    }

    // google.rpc.Status with an Any of type.googleapis.com/google.rpc.RetryInfo; base64 without padding
    private static bool SaysWhenToRetry(string? details) =>
        details is not null && Encoding.Latin1.GetString(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '='))).Contains("google.rpc.RetryInfo", StringComparison.Ordinal);
}
