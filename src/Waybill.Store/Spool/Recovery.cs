using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;

namespace Waybill.Spool;

/// <summary>
/// Finds at start what earlier processes left. Steps from header to header and holds no payload; those are checked when their segment is taken.
/// Segments that may hold requests to remember are read whole: a power cut can leave the header of a last write without its payload, and such a
/// request was never acknowledged, so it must not be remembered as one that was, now or after the next cut: its retry is the only copy.
/// </summary>
internal sealed class Recovery(string directory, Quarantine quarantine, long horizonUnixNano, int requestsMax, Sealer? sealer, ILogger log)
{
    private readonly List<RecentRequest> _requests = [];

    /// <summary>Segments with records, oldest first.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>The newest name seen; new ones must sort after it.</summary>
    public SegmentId Last { get; private set; }

    /// <summary>1 when the newest segment ended in an unfinished write, which was cut off.</summary>
    public int TornTails { get; private set; }

    /// <summary>Segments whose own header is damaged; their records are found all the same, as the file's name holds the id too.</summary>
    public int DamagedHeaders { get; private set; }

    /// <summary>The newest requests of the window, newest first.</summary>
    public IReadOnlyList<RecentRequest> Requests()
    {
        Trim(requestsMax);
        return _requests;
    }

    public void Remember(RecentRequest request)
    {
        if (request.ReceivedUnixNano < horizonUnixNano) return;
        _requests.Add(request);
        if (_requests.Count >= 2 * (long)requestsMax + 1024) Trim(requestsMax);
    }

    public void FindSegments()
    {
        List<(SegmentId Id, string Path)> found = [];
        foreach (string path in Directory.EnumerateFiles(directory))
        {
            if (Path.GetExtension(path) == SegmentId.Extension && SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id)) found.Add((id, path));
            else quarantine.Move(path, "it is not a spool segment");
        }
        found.Sort();
        for (int i = 0; i < found.Count; i++)
        {
            (Last, string path) = found[i];
            try
            {
                Look(Last, path, isLast: i == found.Count - 1);
            }
            catch (Exception unreadable) when (unreadable is IOException and not (SpoolFailedException or DataKeyException) or UnauthorizedAccessException)
            {
                quarantine.Move(path, unreadable.Message);
            }
        }
    }

    private void Look(SegmentId id, string path, bool isLast)
    {
        string? refused;
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete))
            refused = Walk(file, id, path, isLast);
        if (refused is not null) quarantine.Move(path, refused);
    }

    /// <returns>Why the whole file goes to quarantine, or null.</returns>
    private string? Walk(SafeFileHandle file, SegmentId id, string path, bool isLast)
    {
        SegmentHeader header = SegmentFile.ReadHeader(file, id);
        if (header == SegmentHeader.Missing) return "it ends before its header does";
        if (header == SegmentHeader.UnknownVersion) return "it was written by a later version of this program";

        Segment segment = new(id, path) { IsSealed = true };
        bool damaged = false;
        using SegmentReader reader = new(file, id, verify: isLast || MayHoldRecentRequests(path));
        while (reader.Next(out Extent extent))
        {
            if (extent.Kind == ExtentKind.TornTail && isLast)
            {
                CutTail(file, id, extent);
                break;
            }
            segment.Bytes += extent.Length;
            if (extent.Kind != ExtentKind.Record)
            {
                damaged = true;
                continue;
            }
            if (extent.IsSealed) RequireKey(file, path, extent);
            if (segment.Records++ == 0) segment.OldestUnixNano = extent.ReceivedUnixNano;
            Remember(new(extent.RequestHash, extent.ReceivedUnixNano));
        }
        if (header == SegmentHeader.Damaged)
        {
            DamagedHeaders++;
            log.LogError("The header of segment {Id} is damaged; {Records} records were found in it.", id, segment.Records);
        }
        if (segment.Records == 0 && (damaged || header == SegmentHeader.Damaged)) return "it has no readable record";
        if (segment.Records > 0) Segments.Add(segment);
        else File.Delete(path);   // only a header: the process died before the first record
        return null;
    }

    /// <summary>Without its key a record would look damaged; it is not, so nothing is opened.</summary>
    private void RequireKey(SafeFileHandle file, string path, Extent extent)
    {
        Span<byte> head = stackalloc byte[Sealer.HeadBytes];
        if (extent.Length < RecordHeader.Bytes + RecordHeader.SectionBytes + Sealer.HeadBytes) return;
        if (RandomAccess.Read(file, head, extent.Offset + RecordHeader.Bytes + RecordHeader.SectionBytes) < head.Length || sealer?.Knows(head) == true) return;
        throw new DataKeyException($"{path} is encrypted under the key {Sealer.KeyIdOf(head)}, which was not given. Name its file with Encryption:KeyFile or Encryption:OldKeyFiles.");
    }

    private bool MayHoldRecentRequests(string path) =>
        (File.GetLastWriteTimeUtc(path) - DateTime.UnixEpoch).Ticks * 100 >= horizonUnixNano;

    private void CutTail(SafeFileHandle file, SegmentId id, Extent tail)
    {
        RandomAccess.SetLength(file, tail.Offset);
        Disk.SyncFile(file);
        TornTails++;
        log.LogInformation("Segment {Id} ended in {Bytes} bytes of a write that never finished; they were never acknowledged and are cut off.", id, tail.Length);
    }

    private void Trim(int count)
    {
        _requests.Sort(static (a, b) => b.ReceivedUnixNano.CompareTo(a.ReceivedUnixNano));
        if (_requests.Count > count) _requests.RemoveRange(count, _requests.Count - count);
    }
}
