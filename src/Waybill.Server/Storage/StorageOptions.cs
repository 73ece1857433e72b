using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Storage;

/// <summary>Where everything is kept. Section <c>Storage</c>; read once, checked at start.</summary>
public sealed class StorageOptions
{
    /// <summary>Directory of spool and engine; made when missing. Flag <c>--data</c>.</summary>
    [Required] public string Directory { get; set; } = "";

    /// <summary>A ClickHouse server to use instead of the embedded engine, as <c>https://user:password@host:8443/database</c>. Flag <c>--store</c>.</summary>
    public string? Url { get; set; }

    /// <summary>Name of the ClickHouse cluster to create replicated tables on; null on a single server.</summary>
    [RegularExpression("^[A-Za-z0-9_.-]{1,100}$")] public string? Cluster { get; set; }

    /// <summary>Memory of the embedded engine, bytes. Default 700 MB: inserts of 200,000 spans and their merges stay below 600 MB, measured.</summary>
    [Range(256_000_000, 1_000_000_000_000)] public long EngineMemoryBytesMax { get; set; } = 700_000_000;

    /// <summary>Memory of one statement, bytes. Default 400 MB, so that one cannot starve the inserts.</summary>
    [Range(16_000_000, 1_000_000_000_000)] public long QueryMemoryBytesMax { get; set; } = 400_000_000;

    /// <summary>
    /// How far the embedded engine gives way to the server for the processor, nice(2). Default 15: requests are taken and acknowledged before
    /// what can wait, measured in bench/results/search.md.
    /// </summary>
    [Range(0, 19)] public int EngineNiceness { get; set; } = 15;

    /// <summary>How often an insert is tried before its segment is put aside in the spool's quarantine, when the engine says that trying again is no use. Default 5.</summary>
    [Range(1, 1000)] public int InsertTriesMax { get; set; } = 5;

    internal string SpoolDirectory => Path.Combine(Directory, "spool");
    internal string EngineDirectory => Path.Combine(Directory, "engine");
}

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;
