using Microsoft.AspNetCore.Http;
using Waybill.Ingest;
using Waybill.Ingest.Grpc;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Why a request is not let in. The message helps whoever sent it, and says nothing that a stranger should not know.</summary>
/// <param name="Error">RFC 6750's word: invalid_token or insufficient_scope; null when no credential was sent.</param>
public sealed record AccessRefusal(int Status, string? Error, string Message)
{
    private const int Unauthorized = StatusCodes.Status401Unauthorized, Forbidden = StatusCodes.Status403Forbidden;

    public int? RetryAfterSeconds { get; init; }

    public static AccessRefusal NoCredential { get; } = new(Unauthorized, null,
        "This server must know who asks. Send 'Authorization: Bearer TOKEN' (waybill token create; commands take --token or WAYBILL_TOKEN), or sign in to the console.");

    public static AccessRefusal NoKey { get; } = new(Unauthorized, null,
        "This server must know who sends. Send an ingest key as 'Authorization: Bearer KEY' or 'api-key: KEY', with SDKs OTEL_EXPORTER_OTLP_HEADERS=\"api-key=KEY\". 'waybill key create' makes one.");

    public static AccessRefusal Invalid(string message) => new(Unauthorized, "invalid_token", message);

    public static AccessRefusal UnknownCertificate(string name) => new(Forbidden, "insufficient_scope",
        $"The client certificate is good, but nothing is granted to '{(name.Length <= 200 ? name : name[..200])}'. An administrator can add a binding to access.yaml: certificate, role and tenant.");

    public static AccessRefusal TenantNotGranted { get; } = new(Forbidden, "insufficient_scope", "The credential does not grant the tenant that X-Scope-OrgID names. Leave the header out, or ask for a grant.");

    public static AccessRefusal SeveralTenants { get; } = new(Forbidden, "insufficient_scope", "The credential grants no tenant that this endpoint takes.");

    public static AccessRefusal Missing(Permission permission, Identity identity) => new(Forbidden, "insufficient_scope",
        $"{Who(identity)} lacks the permission {permission.Word()} in tenant {identity.Tenant}. An administrator can grant a role that has it.");

    public static AccessRefusal Narrow(Identity identity) => new(Forbidden, "insufficient_scope",
        $"{Who(identity)} may see only some services or environments, and this answer cannot be limited to them.");

    public static AccessRefusal OneTenantOnly(Identity identity) => new(Forbidden, "insufficient_scope", $"This answer is about all tenants, and {Who(identity)} has a role in some only.");

    public static AccessRefusal Undeclared { get; } = new(Forbidden, "insufficient_scope", "This endpoint names no permission, so nobody has it. It is a defect: please report it.");

    public static AccessRefusal CrossSite { get; } = new(Forbidden, null, "Another site's page asked for this. The console changes things only when asked from its own pages.");

    public static AccessRefusal Damaged { get; } = new(StatusCodes.Status503ServiceUnavailable, null, "Who may do what cannot be read just now, so nobody is let in. The server's log says why.");

    public static AccessRefusal TooFast(string what, int seconds) => new(StatusCodes.Status429TooManyRequests, null, what) { RetryAfterSeconds = seconds };

    private static string Who(Identity identity) => $"{identity.Kind} '{identity.Name}'";

    internal Refusal ToIngest() => new(Status switch
    {
        Unauthorized => RefusalReason.Unauthenticated,
        Forbidden => RefusalReason.Forbidden,
        StatusCodes.Status429TooManyRequests => RefusalReason.TenantLimit,
        _ => RefusalReason.AccessUnknown,
    }, Message, RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Status == StatusCodes.Status503ServiceUnavailable ? TimeSpan.FromSeconds(5) : null);

    /// <summary>Answers in the words of the protocol that was used.</summary>
    internal Task Write(HttpContext http)
    {
        HttpResponse response = http.Response;
        if (Status == Unauthorized || Error is not null) response.Headers.WWWAuthenticate = Challenge();
        if (RetryAfterSeconds is { } seconds) response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (http.Listener() == Listener.OtlpGrpc)
        {
            GrpcResponse.Refuse(response, ToIngest());
            return Task.CompletedTask;
        }
        PathString path = http.Request.Path;
        if (http.Listener() == Listener.OtlpHttp && path != "/v1/audit") return IngestRefusals.Write(http, ToIngest());
        response.StatusCode = Status;
        if (path.StartsWithSegments("/tempo"))
        {
            response.ContentType = "text/plain; charset=utf-8";
            return response.WriteAsync(Message, http.RequestAborted);
        }
        if (path.StartsWithSegments("/jaeger")) return response.WriteAsJsonAsync(new { data = (object?)null, errors = new[] { new { code = Status, msg = Message } } }, http.RequestAborted);
        return response.WriteAsJsonAsync(new Problem(Status, null, Message), http.RequestAborted);
    }

    // RFC 6750, section 3. The description is printable ASCII without quotes and backslashes; names in the message may be anything.
    private string Challenge() => Error is null
        ? "Bearer realm=\"waybill\""
        : $"Bearer realm=\"waybill\", error=\"{Error}\", error_description=\"{string.Concat(Message.Select(c => c switch { '"' => '\'', '\\' => '/', < ' ' or > '~' => '?', _ => c }))}\"";
}
