using System.Collections.Concurrent;

namespace Waybill.Ingest;

/// <summary>
/// Rents receptions to requests that were admitted. Emptied ones are kept for reuse, a bounded number per signal;
/// one that a giant request has blown up is let go.
/// </summary>
public sealed class Receptions(IngestOptions options, Admission admission)
{
    private readonly ConcurrentQueue<Reception>[] _kept = [new(), new(), new()];

    /// <summary>Rents a reception to a request that has entered with <paramref name="bytesAdmitted"/>. <see cref="Close"/> it exactly once.</summary>
    internal Reception Open(Signal signal, long bytesAdmitted)
    {
        if (!_kept[(int)signal].TryDequeue(out var reception)) reception = new Reception(signal);
        reception.BytesAdmitted = bytesAdmitted;
        return reception;
    }

    /// <summary>Asks for as many bytes as the request turns out to hold, in steps, so that small growth costs nothing.</summary>
    internal bool TryHold(Reception reception, long bytes)
    {
        const int Step = 256 * 1024;
        long more = bytes - reception.BytesAdmitted;
        if (more <= 0) return true;
        more = (more + Step - 1) / Step * Step;
        if (!admission.TryGrow(more)) return false;
        reception.BytesAdmitted += more;
        return true;
    }

    internal void Close(Reception reception)
    {
        admission.Leave(reception.BytesAdmitted);
        var kept = _kept[(int)reception.Signal];
        if (reception.BytesHeld > options.BatchBytesKeptMax || kept.Count >= options.BatchesKept)
        {
            reception.Dispose();
            return;
        }
        reception.Clear();
        kept.Enqueue(reception);
    }
}
