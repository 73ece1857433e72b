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
}

[OptionsValidator]
internal sealed partial class AuditOptionsValidator : IValidateOptions<AuditOptions>;
