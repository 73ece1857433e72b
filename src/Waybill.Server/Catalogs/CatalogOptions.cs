using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Catalogs;

/// <summary>Where it is written who owns what. Section <c>Catalog</c>; the files are read again when they change.</summary>
public sealed class CatalogOptions
{
    /// <summary>Backstage catalog files, or directories in which all <c>*.yaml</c> and <c>*.yml</c> are. Default none: every service is unowned.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>How often it is looked whether a file has changed, in seconds. Default 5; looking asks only for size and time.</summary>
    [Range(1, 3600)] public int ReloadSeconds { get; set; } = 5;

    /// <summary>Largest file. Default 4 MiB: some 8,000 components.</summary>
    [Range(1024, 256 * 1024 * 1024)] public int FileBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>Files read at most. Default 1,000.</summary>
    [Range(1, 100_000)] public int FilesMax { get; set; } = 1_000;
}

[OptionsValidator]
internal sealed partial class CatalogOptionsValidator : IValidateOptions<CatalogOptions>;
