using System.Net;
using System.Runtime.InteropServices;

namespace Waybill.Posting;

/// <summary>One attempt to send one request, 16 bytes on disk.</summary>
/// <param name="Status">HTTP status; 0 when no answer came, so whether it was stored is not known.</param>
/// <param name="AtMillis">When the answer came, after the poster's start.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct Attempt(int Request, int AtMillis, int LatencyMicros, short Status, AttemptFlaw Flaw, byte Unused = 0)
{
    public bool Acknowledged => Status is >= 200 and < 300 && Flaw == AttemptFlaw.None;

    public bool Unknown => Status == 0;
}

/// <summary>What was wrong with an answer.</summary>
internal enum AttemptFlaw : byte
{
    None,

    /// <summary>A refusal other than 429, 502, 503 or 504: exporters drop the data.</summary>
    NotRetryable,

    /// <summary>429 or 503 without Retry-After.</summary>
    NoRetryAfter,

    /// <summary>200 with rejected spans, though all that was sent is valid.</summary>
    Partial,
}

/// <summary>Every attempt of a run, in the order the answers came.</summary>
internal sealed class SendLog
{
    private readonly List<Attempt> _attempts = [];

    public void Add(in Attempt attempt)
    {
        lock (_attempts) _attempts.Add(attempt);
    }

    public void Save(string path)
    {
        lock (_attempts) File.WriteAllBytes(path, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_attempts)));
    }

    public static Attempt[] Load(string path) => MemoryMarshal.Cast<byte, Attempt>(File.ReadAllBytes(path)).ToArray();

    public static AttemptFlaw Judge(HttpStatusCode status, bool hasRetryAfter, bool partial) => (int)status switch
    {
        >= 200 and < 300 => partial ? AttemptFlaw.Partial : AttemptFlaw.None,
        429 or 503 => hasRetryAfter ? AttemptFlaw.None : AttemptFlaw.NoRetryAfter,
        502 or 504 => AttemptFlaw.None,
        _ => AttemptFlaw.NotRetryable,
    };
}
