using Microsoft.AspNetCore.Http;

namespace Waybill.Ingest;

/// <summary>What the headers of a telemetry request over HTTP say, and what answers say back.</summary>
internal static class IngestHeaders
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = "application/json";
    public const string Encodings = "gzip, deflate, br, identity";

    /// <summary>True for JSON, false for protobuf, null for anything else. Parameters, such as charset, do not count.</summary>
    public static bool? IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        int semicolon = type.IndexOf(';');
        if (semicolon >= 0) type = type[..semicolon];
        type = type.Trim();
        if (type.Equals(Protobuf, StringComparison.OrdinalIgnoreCase)) return false;
        return type.Equals(Json, StringComparison.OrdinalIgnoreCase) ? true : null;
    }

    /// <returns>Null when the body is compressed in a way, or more than once, that is not understood.</returns>
    public static ContentEncoding? EncodingOf(string? name) => name?.ToLowerInvariant().Trim() switch
    {
        null or "" or "identity" => ContentEncoding.Identity,
        "gzip" or "x-gzip" => ContentEncoding.Gzip,
        "deflate" => ContentEncoding.Deflate,
        "br" => ContentEncoding.Brotli,
        _ => null,
    };

    /// <summary>Why a request is refused by its headers alone; null when it is not.</summary>
    public static Refusal? Check(HttpRequest request, out bool json, out ContentEncoding encoding)
    {
        (json, encoding) = (true, ContentEncoding.Identity);
        if (!HttpMethods.IsPost(request.Method)) return new(RefusalReason.Method, $"{request.Path} takes POST only.");
        if (IsJson(request.ContentType) is not { } isJson)
            return new(RefusalReason.ContentType, $"Content-Type must be {Protobuf} or {Json}. Set the exporter's protocol to http/protobuf or http/json.", Field: "Content-Type");
        json = isJson;
        if (EncodingOf(request.Headers.ContentEncoding) is not { } known)
            return new(RefusalReason.UnknownEncoding, $"Content-Encoding must be one of {Encodings}. Set the exporter's compression to gzip or none.", Field: "Content-Encoding");
        encoding = known;
        return null;
    }

    /// <summary>Sets the status and the headers that go with a refusal.</summary>
    public static void Refuse(HttpResponse response, Refusal refusal)
    {
        response.StatusCode = refusal.HttpStatus;
        if (refusal.RetryAfter is { } delay) response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString("0");
        if (refusal.Reason == RefusalReason.Method) response.Headers.Allow = "POST, OPTIONS";
        if (refusal.Reason == RefusalReason.UnknownEncoding) response.Headers.AcceptEncoding = Encodings;
    }
}
