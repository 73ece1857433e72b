using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Waybill.SpoolWriter;

namespace Waybill.Spool;

/// <summary>A directory for one test, in memory where the system has such, and what it takes to fill and to read a spool in it.</summary>
internal sealed class SpoolDirectory : IDisposable
{
    public SpoolDirectory(string? parent = null) =>
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent ?? (Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath()), $"waybill-spool-{Guid.NewGuid():N}")).FullName;

    public string Path { get; }

    public string Segments => System.IO.Path.Combine(Path, "segments");

    public string[] SegmentFiles => [.. Directory.GetFiles(Segments).Order(StringComparer.Ordinal)];

    public string[] Quarantined => Directory.GetFiles(System.IO.Path.Combine(Path, "quarantine"));

    /// <summary>No ballast, no waiting: a segment is sealed as soon as it is asked for.</summary>
    public SpoolOptions Options => new() { Directory = Path, BallastBytes = 0, SegmentAgeMax = TimeSpan.Zero, DiskFreeRatioMin = 0 };

    public SpoolLog Open(SpoolOptions? options = null, TimeProvider? time = null) => SpoolLog.Open(options ?? Options, time ?? TimeProvider.System, NullLogger.Instance);

    /// <summary>Opens, appends the numbers one by one, closes.</summary>
    public async Task Fill(IEnumerable<int> numbers, SpoolOptions? options = null, int? runBytes = null)
    {
        await using SpoolLog spool = Open(options);
        SpoolRecord record = new();
        foreach (int number in numbers)
        {
            NumberedRecord.Fill(record, number, TimeProvider.System, runBytes);
            await spool.Append(record, CancellationToken.None);
        }
    }

    /// <summary>Takes, reads and deletes until nothing waits.</summary>
    public static async Task<List<long>> Drain(SpoolLog spool)
    {
        List<long> numbers = [];
        while (spool.Status.SegmentsWaiting > 0)
        {
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
            using SealedSegment segment = await spool.Take(late.Token);
            numbers.AddRange(await Numbers(segment));
            await segment.Delete();
        }
        return numbers;
    }

    public static async Task<List<long>> Numbers(SealedSegment segment)
    {
        byte[] bytes = await Table(segment, 1);
        return [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * 8)))];
    }

    public static async Task<byte[]> Table(SealedSegment segment, byte table)
    {
        using MemoryStream rows = new();
        await segment.CopyTableTo(table, rows, CancellationToken.None);
        return rows.ToArray();
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
