using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Waybill.Engine;

/// <summary>Bounds of the embedded engine. Figures are from measurements on two cores; see each.</summary>
public sealed class EngineHostOptions : IValidatableObject
{
    /// <summary>Directory of the engine; created when missing, one process at a time.</summary>
    [Required] public required string DataDirectory { get; set; }

    /// <summary>Unix socket the engine answers on, mode 0600. Linux keeps socket paths under 108 bytes.</summary>
    [Required] public required string SocketPath { get; set; }

    /// <summary>Memory of the whole engine in bytes, <c>max_server_memory_usage</c>. Default 1.5 GB: 0.6 GB busy, 0.8 GB while rewriting an hour.</summary>
    [Range(256L << 20, 1L << 40)] public long MemoryBytesMax { get; set; } = 1_500_000_000;

    /// <summary>Memory of one statement in bytes. Default 700 MB, under half of <see cref="MemoryBytesMax"/>.</summary>
    [Range(16L << 20, 1L << 40)] public long QueryMemoryBytesMax { get; set; } = 700_000_000;

    /// <summary>Statements that run at a time, each on its own connection. Default 8: more only wait for two cores.</summary>
    [Range(1, 64)] public int ConnectionsMax { get; set; } = 8;

    /// <summary>Statements that wait for a connection; one more is answered code 202. Default 64.</summary>
    [Range(0, 10_000)] public int WaitingMax { get; set; } = 64;

    /// <summary>Longest wait for a connection in milliseconds, then code 202. Default 10,000, as the time limit of a read.</summary>
    [Range(1, 600_000)] public int WaitMillisecondsMax { get; set; } = 10_000;

    /// <summary>Longest read in seconds unless the request says otherwise. Default 10.</summary>
    [Range(1, 3600)] public int ReadSecondsMax { get; set; } = 10;

    /// <summary>Rows of one answer unless the request says otherwise. Default 1,000,000: ten of the longest trace pages.</summary>
    [Range(1, 1_000_000_000)] public long ResultRowsMax { get; set; } = 1_000_000;

    /// <summary>Bytes of one answer, in the engine's memory, unless the request says otherwise. Default 256 MiB.</summary>
    [Range(1L << 10, 1L << 40)] public long ResultBytesMax { get; set; } = 256L << 20;

    /// <summary>Threads of one statement. Default 2.</summary>
    [Range(1, 256)] public int QueryThreadsMax { get; set; } = 2;

    /// <summary>How far the engine gives way to the server for the processor, nice(2). Default 15: acknowledgements come first, see docs/decisions/0002.</summary>
    [Range(0, 19)] public int Niceness { get; set; } = 15;

    /// <summary>Partitions (hours) one insert may touch. Default 16: the spool groups rows by hour first.</summary>
    [Range(1, 10_000)] public int PartitionsPerInsertMax { get; set; } = 16;

    /// <summary>Bytes of SQL text in one request. Default 1 MiB, as ClickHouse's max_http_uri_size.</summary>
    [Range(1 << 10, 64 << 20)] public int SqlBytesMax { get; set; } = 1 << 20;

    /// <summary>Bytes of data in one INSERT. Default 1 GiB; a sealed spool segment is far below.</summary>
    [Range(1L << 10, 1L << 40)] public long InsertBytesMax { get; set; } = 1L << 30;

    /// <summary>Process that started the engine; when it is gone, or standard input ends, the engine exits at once. 0 for none.</summary>
    public int ParentProcessId { get; set; }

    /// <summary>Keys that the tables are encrypted under, 32 bytes each, the one for new data first. Empty: they are not encrypted. Never part of a command line, which everybody on the machine can read: they go by standard input.</summary>
    [JsonIgnore] public IReadOnlyList<byte[]> EncryptionKeys { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (QueryMemoryBytesMax > MemoryBytesMax)
            yield return new($"QueryMemoryBytesMax ({QueryMemoryBytesMax}) must not exceed MemoryBytesMax ({MemoryBytesMax}).");
        if (System.Text.Encoding.UTF8.GetByteCount(SocketPath) > 107)
            yield return new($"SocketPath is longer than the 107 bytes Linux allows: {SocketPath}");
    }
}
