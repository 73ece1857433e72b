using Waybill.Ingest;
using Waybill.Web;

namespace Waybill.Tls;

/// <summary>Why a connection came to nothing before its first request. Every value is a label of <c>waybill_tls_refused_total</c>.</summary>
public enum TlsRefusal : byte
{
    /// <summary>The client did not speak TLS.</summary>
    Plaintext,
    /// <summary>No common version or cipher, or the client does not trust this server's certificate, or went away.</summary>
    Handshake,
    /// <summary>The client was silent for too long.</summary>
    Timeout,
    /// <summary>It showed no certificate, and must have one.</summary>
    ClientMissing,
    /// <summary>Its certificate is not signed by an authority that is known here.</summary>
    ClientAuthority,
    ClientExpired,
    ClientNotYetValid,
    /// <summary>Its certificate is not for clients.</summary>
    ClientUsage,
    /// <summary>Its certificate is wrong in another way.</summary>
    ClientInvalid,
}

/// <summary>A client whose certificate was not taken.</summary>
/// <param name="Subject">As the certificate says, which nobody vouches for.</param>
public sealed record RefusedClient(DateTimeOffset At, string Listener, string? Peer, string Reason, string? Subject);

/// <summary>Connections that came to nothing, counted; of client certificates the latest are kept.</summary>
internal sealed class HandshakeCounts(TimeProvider clock)
{
    private const int KeptMax = 50, SubjectCharsMax = 200;

    private static readonly string[] Labels = [.. Enum.GetNames<TlsRefusal>().Select(Refusal.SnakeCase)];
    private static readonly string[] Doors = [.. Enum.GetNames<Listener>().Select(Refusal.SnakeCase)];

    private readonly long[] _refused = new long[Doors.Length * Labels.Length];
    private readonly Queue<RefusedClient> _latest = new();

    public static string Label(TlsRefusal reason) => Labels[(int)reason];

    public void Refused(Listener listener, TlsRefusal reason) => Interlocked.Increment(ref _refused[(int)listener * Labels.Length + (int)reason]);

    public long Of(Listener listener, TlsRefusal reason) => Interlocked.Read(ref _refused[(int)listener * Labels.Length + (int)reason]);

    /// <summary>Keeps who it was.</summary>
    public void RefusedClient(Listener listener, TlsRefusal reason, string? peer, string? subject)
    {
        var client = new RefusedClient(clock.GetUtcNow(), Doors[(int)listener], peer, Label(reason), subject is { Length: > SubjectCharsMax } ? subject[..SubjectCharsMax] : subject);
        lock (_latest)
        {
            if (_latest.Count == KeptMax) _latest.Dequeue();
            _latest.Enqueue(client);
        }
    }

    /// <summary>Newest first.</summary>
    public RefusedClient[] Latest()
    {
        lock (_latest) return [.. _latest.Reverse()];
    }

    public IEnumerable<(string Listener, string Reason, long Count)> All() =>
        from listener in Enum.GetValues<Listener>() from reason in Enum.GetValues<TlsRefusal>() select (Doors[(int)listener], Label(reason), Of(listener, reason));
}
