using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Waybill.Tls;

/// <summary>What files hold cannot be used. The message names the setting, the file and the fix.</summary>
internal sealed class TlsFileException(string message) : Exception(message);

/// <summary>
/// Something that is made of files, looked at when it is asked for, at most once a second, and made anew when what they hold has changed. What cannot be
/// used leaves in force what was; it is told when it stays so for a second look, because certificate and key are renewed one after the other.
/// </summary>
/// <remarks>Contents are compared, not times: secrets are often mounted as links that are switched.</remarks>
internal sealed class WatchedFiles<T> where T : class
{
    private const int BytesMax = 1024 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly (string Setting, string Path)[] _files;
    private readonly Func<byte[][], T> _make;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _looking = new();
    private volatile T _current;
    private byte[] _inForce;
    private byte[]? _refused;
    private long _lookedAt;

    /// <param name="make">From the files' contents, in their order.</param>
    /// <exception cref="TlsFileException">They cannot be used: there is nothing yet that could stay in force.</exception>
    public WatchedFiles((string Setting, string Path)[] files, Func<byte[][], T> make, TimeProvider clock, ILogger log)
    {
        (_files, _make, _clock, _log) = (files, make, clock, log);
        byte[][] contents = Read();
        _current = make(contents);
        _inForce = DigestOf(contents);
        ReadAt = clock.GetUtcNow();
        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>When what is in force was read.</summary>
    public DateTimeOffset ReadAt { get; private set; }

    /// <summary>Why what the files hold now is not in force; null when it is.</summary>
    public string? Wrong { get; private set; }

    public T Current
    {
        get
        {
            if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= LookEvery && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
                    _looking.Exit();
                }
            }
            return _current;
        }
    }

    private void Look()
    {
        byte[] digest = [];
        try
        {
            byte[][] contents = Read();
            digest = DigestOf(contents);
            if (!digest.AsSpan().SequenceEqual(_inForce))
            {
                if (Wrong is not null && digest.AsSpan().SequenceEqual(_refused)) return;
                _current = _make(contents);   // the old one is not disposed: handshakes may be using it
                (_inForce, ReadAt) = (digest, _clock.GetUtcNow());
                TlsLog.Read(_log, Paths);
            }
            (Wrong, _refused) = (null, null);
        }
        catch (TlsFileException e)
        {
            bool again = _refused is not null && digest.AsSpan().SequenceEqual(_refused);
            _refused = digest;
            if (!again || Wrong == e.Message) return;
            Wrong = e.Message;
            TlsLog.Wrong(_log, e.Message);
        }
    }

    private byte[][] Read() => [.. _files.Select(file => Read(file.Setting, file.Path))];

    private static byte[] Read(string setting, string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new TlsFileException($"{setting}: there is no file {Path.GetFullPath(path)}.");
            byte[] bytes = File.ReadAllBytes(path);
            return bytes.Length <= BytesMax ? bytes : throw new TlsFileException($"{setting}: {path} has more than {BytesMax} bytes, so it is no certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TlsFileException($"{setting}: {path} cannot be read: {e.Message}");
        }
    }

    private static byte[] DigestOf(byte[][] contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] content in contents) hash.AppendData(SHA256.HashData(content));
        return hash.GetHashAndReset();
    }

    private string Paths => string.Join(", ", _files.Select(file => file.Path).Distinct());
}

internal static partial class TlsLog
{
    [LoggerMessage(1, LogLevel.Information, "{Paths} changed and is in force")]
    public static partial void Read(ILogger log, string paths);

    [LoggerMessage(2, LogLevel.Error, "What was in force stays so. {Error}")]
    public static partial void Wrong(ILogger log, string error);

    [LoggerMessage(3, LogLevel.Warning, "The certificate {Subject} is valid until {NotAfter} only: renew it.")]
    public static partial void Expires(ILogger log, string subject, DateTime notAfter);
}
