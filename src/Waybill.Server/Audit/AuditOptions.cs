using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Audit;

/// <summary>What is suspicious, and where audit events go to. Section <c>Audit</c>; read once, checked at start.</summary>
public sealed class AuditOptions
{
    /// <summary>The rules of what is suspicious. Default <c>suspicions.yaml</c> in the data directory; without the file the built-in rules hold. Read again when it changes.</summary>
    public string? SuspicionsFile { get; set; }

    /// <summary>Acts, or groups of them, that one rule looks at. Default 200,000: a busy week of sign-ins, a tenth of a second.</summary>
    [Range(1_000, 2_000_000)] public int ActsPerRuleMax { get; set; } = 200_000;

    /// <summary>A collector that gets every entry by syslog over TCP, as <c>host:port</c>. Null: none.</summary>
    [RegularExpression("^[^\\s:]+:[0-9]{1,5}$|^\\[[0-9a-fA-F:.]+\\]:[0-9]{1,5}$")] public string? SyslogAddress { get; set; }

    /// <summary>What the collector gets: <c>cef</c> or <c>ocsf</c>. Default cef, which every SIEM reads.</summary>
    [AllowedValues("cef", "ocsf")] public string SyslogFormat { get; set; } = "cef";

    /// <summary>Whether the connection to the collector is TLS. Default false.</summary>
    public bool SyslogTls { get; set; }

    /// <summary>Entries in one connection. Default 500: some 200 kB.</summary>
    [Range(1, 10_000)] public int SyslogBatchEntries { get; set; } = 500;
}

[OptionsValidator]
internal sealed partial class AuditOptionsValidator : IValidateOptions<AuditOptions>;
