using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Waybill.Redaction;

namespace Waybill.Changes;

/// <summary>Requests as they stand before the readers of reports.</summary>
internal static class Requests
{
    public const long Received = 1_795_000_000_000_000_000;

    public static ChangeRequest Of(string body, string? contentType = "application/json", ChangeOptions? options = null, bool fromThisMachineOnly = true, params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers) dictionary[name] = value;
        return new ChangeRequest(dictionary, contentType, Encoding.UTF8.GetBytes(body), Received, fromThisMachineOnly, options ?? new ChangeOptions(), new ChangeRedaction(new Redactor(new byte[32]), new RedactionOptions()), []);
    }

    public static string Sign(string body, string secret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));
}
