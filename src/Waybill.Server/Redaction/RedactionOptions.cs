using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Redaction;

/// <summary>Where the rules of redaction are, and how often what is stored is looked at again. Section <c>Redaction</c>; read once, checked at start.</summary>
public sealed class RedactionOptions
{
    /// <summary>Whether anything is redacted at all. Default true. False is for measuring what redaction costs, and for data that holds nothing sensitive.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The rules. Default <c>redaction.yaml</c> in the data directory; without the file the built-in defaults hold.</summary>
    public string? RulesFile { get; set; }

    /// <summary>The key of hashes, at least 16 characters. Default: made at the first start and kept in the data directory, readable by its owner alone. Servers that shall hash alike need the same.</summary>
    [MinLength(16)] public string? HashKey { get; set; }

    /// <summary>How often the rules file is looked at for a change, in seconds. Default 2: a person who saves it waits no longer than that.</summary>
    [Range(1, 3_600)] public int ReloadSeconds { get; set; } = 2;

    /// <summary>How often a sample of what is stored is scanned again, in minutes; 0 never. Default 60.</summary>
    [Range(0, 10_080)] public int ScanMinutes { get; set; } = 60;

    /// <summary>Newest rows of each table that a scan reads. Default 2,000: half a second of one core.</summary>
    [Range(100, 20_000)] public int ScanRows { get; set; } = 2_000;
}

[OptionsValidator]
internal sealed partial class RedactionOptionsValidator : IValidateOptions<RedactionOptions>;
