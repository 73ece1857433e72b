using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Waybill.Access;

/// <summary>Knows browsers in which a user has signed in before, by a signed cookie: it proves nothing but that, and gives no access. See <see cref="SignInThrottle"/>.</summary>
internal sealed class Devices
{
    private const string Cookie = "waybill-device";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(180);

    // Of this run of the server: a restart only makes everybody a stranger.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public void Remember(HttpContext http, string user)
    {
        string device = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        http.Response.Cookies.Append(Cookie, $"{device}.{Sign(device, user)}", Sessions.CookieFor(http, Kept));
    }

    /// <returns>The device's name, or null when the user has not signed in there.</returns>
    public string? Find(HttpContext http, string user)
    {
        if (http.Request.Cookies[Cookie]?.Split('.') is not [{ Length: > 0 and < 40 } device, var signature]) return null;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(Sign(device, user))) ? device : null;
    }

    private string Sign(string device, string user) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{device}\n{user.ToLowerInvariant()}")));
}
