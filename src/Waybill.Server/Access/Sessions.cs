using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Waybill.Storage;

namespace Waybill.Access;

/// <summary>A sign-in of the console. What its user may do is looked up with each request, not here.</summary>
/// <param name="Id">Names it in the ledger and in lists; not what the cookie holds.</param>
/// <param name="Subject">Who signed in by OIDC, with the groups of that moment; null for a local user.</param>
public sealed record Session(string Id, string Name, OidcSubject? Subject, long BeganUnixSeconds, string? Address, string? UserAgent)
{
    private long _usedUnixSeconds = BeganUnixSeconds;

    public long UsedUnixSeconds => Volatile.Read(ref _usedUnixSeconds);

    internal void Used(long unixSeconds) => Volatile.Write(ref _usedUnixSeconds, unixSeconds);
}

/// <summary>Who the OIDC provider says somebody is.</summary>
public sealed record OidcSubject(string Name, IReadOnlyList<string> Groups);

/// <summary>Who is signed in to the console. The server ends a session at once. Over restarts they are kept in a file, under hashes of their cookies: who reads it can take none over.</summary>
internal sealed class Sessions
{
    private const string Name = "waybill-session", SecureName = "__Host-waybill-session";
    private const int CookieBytes = 32;

    /// <param name="Hash">Of the cookie.</param>
    private sealed record Kept(string Hash, Session Session, long UsedUnixSeconds);

    private readonly AccessOptions _options;
    private readonly TimeProvider _clock;
    private readonly StateFile<IReadOnlyList<Kept>> _file;
    private readonly ConcurrentDictionary<string, Session> _byHash = new(StringComparer.Ordinal);

    public Sessions(AccessOptions options, StorageOptions storage, TimeProvider clock, ILogger<Sessions> log)
    {
        (_options, _clock) = (options, clock);
        _file = new StateFile<IReadOnlyList<Kept>>(Path.Combine(storage.Directory, "access", "sessions.json"), log);
        foreach (Kept kept in _file.Read() ?? [])
        {
            kept.Session.Used(kept.UsedUnixSeconds);
            if (Now < ExpiresUnixSeconds(kept.Session)) _byHash[kept.Hash] = kept.Session;
        }
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    public void Keep() => _file.Write([.. _byHash.Select(entry => new Kept(entry.Key, entry.Value, entry.Value.UsedUnixSeconds))]);

    /// <summary>Begins one and sets its cookie.</summary>
    public Session Begin(HttpContext http, string name, OidcSubject? subject)
    {
        MakeRoom();
        string cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CookieBytes));
        var session = new Session($"session-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}", name, subject, Now, http.Address(), Cut(http.Request.Headers.UserAgent));
        _byHash[Hash(cookie)] = session;
        Keep();
        http.Response.Cookies.Append(NameFor(http), cookie, CookieFor(http, TimeSpan.FromHours(_options.SessionHoursMax)));
        return session;
    }

    /// <summary>The session whose cookie the request has; null when it has none, or it is over.</summary>
    public Session? Find(HttpContext http)
    {
        if (http.Request.Cookies[NameFor(http)] is not { Length: > 0 and < 200 } cookie) return null;
        string hash = Hash(cookie);
        if (!_byHash.TryGetValue(hash, out Session? session)) return null;
        long now = Now;
        if (now >= ExpiresUnixSeconds(session))
        {
            _byHash.TryRemove(hash, out _);
            return null;
        }
        session.Used(now);
        return session;
    }

    public static bool HasCookie(HttpContext http) => http.Request.Cookies.ContainsKey(NameFor(http));

    public long ExpiresUnixSeconds(Session session) => Math.Min(session.UsedUnixSeconds + _options.SessionIdleMinutes * 60L, session.BeganUnixSeconds + _options.SessionHoursMax * 3_600L);

    /// <summary>Ends the request's session and takes its cookie back.</summary>
    public Session? End(HttpContext http)
    {
        Session? ended = null;
        if (http.Request.Cookies[NameFor(http)] is { Length: > 0 and < 200 } cookie) _byHash.TryRemove(Hash(cookie), out ended);
        if (ended is not null) Keep();
        http.Response.Cookies.Delete(NameFor(http), CookieFor(http, null));
        return ended;
    }

    /// <summary>Ends all of a user.</summary>
    public int EndAllOf(string name)
    {
        int ended = 0;
        foreach (var (hash, session) in _byHash)
            if (session.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && _byHash.TryRemove(hash, out _)) ended++;
        if (ended > 0) Keep();   // a restart must not bring them back
        return ended;
    }

    public IReadOnlyList<Session> Open() => [.. _byHash.Values.Where(session => Now < ExpiresUnixSeconds(session))];

    private void MakeRoom()
    {
        if (_byHash.Count < _options.SessionsMax) return;
        foreach (var (hash, _) in _byHash.OrderBy(entry => entry.Value.UsedUnixSeconds).Take(Math.Max(1, _options.SessionsMax / 20))) _byHash.TryRemove(hash, out _);
    }

    // The prefix makes browsers refuse it from another host or without TLS.
    private static string NameFor(HttpContext http) => http.Request.IsHttps ? SecureName : Name;

    internal static CookieOptions CookieFor(HttpContext http, TimeSpan? age) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", MaxAge = age, IsEssential = true };

    private static string Hash(string cookie) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cookie)));

    private static string? Cut(string? text) => text is { Length: > 200 } ? text[..200] : text;
}
