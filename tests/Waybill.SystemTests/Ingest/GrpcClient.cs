using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Waybill.Ingest;

/// <summary>What a gRPC call was answered with, on the wire. Trailers-Only answers have their status among the headers.</summary>
internal sealed record GrpcAnswer(HttpStatusCode HttpStatus, string? Status, string? Message, string? Details, byte[] Body, bool TrailersOnly, HttpResponseHeaders Headers);

/// <summary>gRPC by hand, so that it can be done wrong.</summary>
internal static class GrpcClient
{
    public static byte[] Frame(byte[] message, byte flag = 0)
    {
        byte[] frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public static Task<GrpcAnswer> Call(this HttpClient client, string path, byte[] body, params (string Name, string Value)[] headers) =>
        client.Call(path, new ByteArrayContent(body), headers);

    public static async Task<GrpcAnswer> Call(this HttpClient client, string path, HttpContent content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        content.Headers.TryAddWithoutValidation("Content-Type", headers.FirstOrDefault(h => h.Name == "content-type").Value ?? "application/grpc");
        foreach (var (name, value) in headers)
            if (name != "content-type") request.Headers.TryAddWithoutValidation(name, value);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        bool trailersOnly = response.Headers.Contains("grpc-status");
        var from = trailersOnly ? response.Headers : response.TrailingHeaders;
        return new(response.StatusCode, One(from, "grpc-status"), One(from, "grpc-message"), One(from, "grpc-status-details-bin"), body, trailersOnly, response.Headers);
    }

    public static string? One(HttpHeaders headers, string name) => headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    /// <summary>The protobuf in a -bin header, whose padding is left out.</summary>
    public static string Hex(string? details) =>
        details is null ? "" : Convert.ToHexStringLower(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
}
