using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Waybill.Access;

/// <summary>The text of a token: a prefix that scanners of repositories can look for, 256 random bits, six check digits.</summary>
/// <remarks>Stored as SHA-256: a text of 256 random bits cannot be guessed, so a slow hash would only cost time at each request.</remarks>
public static class TokenText
{
    public const string TokenPrefix = "wbt_", KeyPrefix = "wbk_";
    private const int RandomBytes = 32, RandomChars = 43, CheckChars = 6;

    public static Secret Make(string prefix)
    {
        string random = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return new Secret(prefix + random + Check(prefix + random));
    }

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whether a text means to be one of ours.</summary>
    public static bool IsOurs(string text) => text.StartsWith(TokenPrefix, StringComparison.Ordinal) || text.StartsWith(KeyPrefix, StringComparison.Ordinal);

    /// <summary>Whether it is whole: what was cut or mistyped is told from what was revoked.</summary>
    public static bool IsWhole(string text) =>
        text.Length == TokenPrefix.Length + RandomChars + CheckChars && IsOurs(text)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Check(text[..^CheckChars])), Encoding.UTF8.GetBytes(text[^CheckChars..]));

    private static string Check(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..CheckChars];
}
