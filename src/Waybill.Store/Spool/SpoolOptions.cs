using System.ComponentModel.DataAnnotations;

namespace Waybill.Spool;

/// <summary>Bounds of the spool. Section <c>Spool</c>; read once, checked when the spool opens.</summary>
public sealed class SpoolOptions : IValidatableObject
{
    private const long MiB = 1024 * 1024;

    /// <summary>Where the spool lives; made when missing. One process at a time.</summary>
    [Required] public string Directory { get; set; } = "";

    /// <summary>A segment is full at this size, and becomes one insert. Default 64 MiB, 300,000 spans: above the 32 MiB where bigger inserts stop getting cheaper; with 128 MiB ten million spans took 70 MiB more memory and no less CPU.</summary>
    [Range(64 * 1024, 1024 * MiB)] public long SegmentBytesMax { get; set; } = 64 * MiB;

    /// <summary>Records in a segment, which bounds the index held while it is inserted (48 bytes each). Default 200,000: 10 MB.</summary>
    [Range(1, 1_000_000)] public int SegmentRecordsMax { get; set; } = 200_000;

    /// <summary>How long the inserter leaves the segment that is being written to grow. Default 1 s: data is searchable about so much after its acknowledgement.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan SegmentAgeMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Largest record. Default 256 MiB: a 64 MiB request can grow fourfold when its resource attributes are repeated per row.</summary>
    [Range(1024, 1024 * MiB)] public long RecordBytesMax { get; set; } = 256 * MiB;

    /// <summary>All segments together; beyond it appends are refused. Default 16 GiB: about three minutes of 100 MB/s with the engine down.</summary>
    [Range(MiB, 1024 * 1024 * MiB)] public long SpoolBytesMax { get; set; } = 16 * 1024 * MiB;

    /// <summary>Appends waiting for the disk; beyond it appends are refused. Default 256 MiB: one largest record, or 2.5 s at 100 MB/s.</summary>
    [Range(1024, 4096 * MiB)] public long QueueBytesMax { get; set; } = 256 * MiB;

    /// <summary>Free part of the file system below which appends are refused. Default 0.05: the engine still needs room to merge and to drop (it cannot drop a partition on a full disk).</summary>
    [Range(0.0, 0.9)] public double DiskFreeRatioMin { get; set; } = 0.05;

    /// <summary>Size of a file kept to be given up when the disk is full, so that partitions can be dropped; 0 for none. Default 64 MiB: dropping needs 1 MiB, inserts in flight take the rest.</summary>
    [Range(0, 16 * 1024 * MiB)] public long BallastBytes { get; set; } = 64 * MiB;

    /// <summary>How long after its acknowledgement a request is remembered, so that its retry is not stored twice. Default 10 min: the OpenTelemetry exporters and the Collector give up a retry after 5.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan RecentWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Requests remembered at most, the newest win. Default 1,000,000: 32 MB at start.</summary>
    [Range(0, 10_000_000)] public int RecentRequestsMax { get; set; } = 1_000_000;

    /// <summary>Copies of damaged records kept in <c>quarantine/</c>; beyond it damage is only counted. Default 1 GiB.</summary>
    [Range(0, 1024 * 1024 * MiB)] public long QuarantineBytesMax { get; set; } = 1024 * MiB;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (QueueBytesMax < RecordBytesMax)
            yield return new($"Spool:QueueBytesMax ({QueueBytesMax}) must be at least Spool:RecordBytesMax ({RecordBytesMax}): a largest record could never be queued.");
        if (SpoolBytesMax < SegmentBytesMax)
            yield return new($"Spool:SpoolBytesMax ({SpoolBytesMax}) must be at least Spool:SegmentBytesMax ({SegmentBytesMax}).");
    }
}
