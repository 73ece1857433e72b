using System.Security.Cryptography;
using System.Text;

namespace Waybill.Changes;

/// <summary>Checks that a hook comes from who knows the secret. Compares in constant time, so that a wrong one is not found byte by byte.</summary>
internal static class HookSecrets
{
    /// <summary>The body must be signed with one of the secrets: <c>sha256=</c> and the hexadecimal HMAC-SHA256.</summary>
    public static void RequireSignature(ChangeRequest request, string header, string[] secrets, string option)
    {
        if (MayBeUnsigned(request, header, secrets, option)) return;
        string given = request.Headers[header].ToString();
        if (given.Length == 0) throw new UnsignedException(header, $"{header} is missing. Set the hook's secret to one of {option}.");
        byte[] signature = Encoding.UTF8.GetBytes(given);
        bool right = false;
        foreach (string secret in secrets)
        {
            string expected = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), request.Body));
            right |= CryptographicOperations.FixedTimeEquals(signature, Encoding.UTF8.GetBytes(expected));
        }
        if (!right) throw new UnsignedException(header, $"{header} does not fit the body. Set the hook's secret to one of {option}.");
    }

    /// <summary>The header must be one of the tokens.</summary>
    /// <param name="scheme">What stands before the token in the header, as <c>Bearer </c>.</param>
    public static void RequireToken(ChangeRequest request, string header, string scheme, string[] tokens, string option)
    {
        if (MayBeUnsigned(request, header, tokens, option)) return;
        string given = request.Headers[header].ToString();
        if (!given.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) || given.Length == scheme.Length)
            throw new UnsignedException(header, $"{header} is missing. Set the hook's token to one of {option}.");
        byte[] token = SHA256.HashData(Encoding.UTF8.GetBytes(given[scheme.Length..]));   // digests are of one length, so the token's own does not show
        bool right = false;
        foreach (string known in tokens) right |= CryptographicOperations.FixedTimeEquals(token, SHA256.HashData(Encoding.UTF8.GetBytes(known)));
        if (!right) throw new UnsignedException(header, $"{header} is wrong. Set the hook's token to one of {option}.");
    }

    private static bool MayBeUnsigned(ChangeRequest request, string header, string[] secrets, string option)
    {
        if (secrets.Length > 0) return false;
        if (request.MayBeUnsigned) return true;
        throw new UnsignedException(header, $"This server must know who sends, so hooks must be signed: set {option}, and the same in the hook; or send an ingest key.");
    }
}
