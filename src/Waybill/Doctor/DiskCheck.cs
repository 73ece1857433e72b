using Waybill.Terminal;

namespace Waybill.Doctor;

/// <summary>Whether the data directory can be written, has room, and acknowledges quickly.</summary>
internal static class DiskCheck
{
    private const int Syncs = 20;
    private const double SyncMillisecondsSlow = 20;          // An SSD takes 0.1 to 5; a sender waits for one on every request.
    private const long FreeBytesMin = 2L * 1024 * 1024 * 1024;
    private const double FreeRatioFull = 0.05;               // The spool stops taking at 95 %.

    public static IReadOnlyList<Finding> Examine(string directory)
    {
        string full = Path.GetFullPath(directory), probe = full;
        while (!Directory.Exists(probe) && Path.GetDirectoryName(probe) is { } parent) probe = parent;
        var findings = new List<Finding>();
        string file = Path.Combine(probe, $".waybill-doctor-{Guid.NewGuid():N}");
        try
        {
            var times = new List<double>();
            using (var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
            {
                byte[] block = new byte[16 * 1024];
                for (int i = 0; i < Syncs; i++)
                {
                    stream.Write(block);
                    long began = TimeProvider.System.GetTimestamp();
                    stream.Flush(flushToDisk: true);
                    times.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                }
            }
            times.Sort();
            string text = $"{full} can be written{(probe == full ? "" : " (it will be made)")}; a sync takes {times[Syncs / 2]:0.00} ms, at most {times[^1]:0.00} ms";
            findings.Add(times[Syncs / 2] < SyncMillisecondsSlow ? Finding.Ok("disk", text)
                : Finding.Warn("disk", text, "put --data on an SSD: every acknowledgement waits for a sync"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Fail("disk", $"{probe} cannot be written: {e.Message}", $"sudo chown $USER {probe}, or use another directory: waybill serve --data DIR"));
            return findings;
        }
        var drive = new DriveInfo(probe);
        double ratio = (double)drive.AvailableFreeSpace / Math.Max(1, drive.TotalSize);
        string space = $"{Figures.Bytes(drive.AvailableFreeSpace)} free of {Figures.Bytes(drive.TotalSize)} ({ratio:P0})";
        findings.Add(ratio < FreeRatioFull ? Finding.Fail("disk", $"{space}: the server stops taking telemetry at 95 % full", "free space, or use another directory: waybill serve --data DIR")
            : drive.AvailableFreeSpace < FreeBytesMin ? Finding.Warn("disk", space, "free space: a busy server writes some GB an hour")
            : Finding.Ok("disk", space));
        return findings;
    }
}
