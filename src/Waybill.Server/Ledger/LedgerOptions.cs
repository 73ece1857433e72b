using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Ledger;

/// <summary>The ledger of what was done and seen. Section <c>Ledger</c>; read once, checked at start.</summary>
public sealed class LedgerOptions
{
    /// <summary>Names this log for ever, as a URL without its scheme, such as <c>waybill.example.com/ledger</c>. Null: a name made of its key.</summary>
    [RegularExpression("^[^\\s+]{1,200}$")] public string? Origin { get; set; }

    /// <summary>File of the 32 secret bytes that sign checkpoints; made at the first start. Null: <c>keys/ledger.key</c> in the data directory. Keep it elsewhere, and a stolen disk cannot be forged.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Entries waiting for the disk; a full queue makes who adds one wait. Default 4,096: a second of reads on a busy day.</summary>
    [Range(1, 1_000_000)] public int QueueEntriesMax { get; set; } = 4_096;

    /// <summary>Entries under one checkpoint. Default 256, a full tile.</summary>
    [Range(1, 10_000)] public int BatchEntriesMax { get; set; } = 256;

    /// <summary>Witnesses that cosign this ledger's checkpoints, each as <c>URL KEY</c>. Default: none.</summary>
    public string[] Witnesses { get; set; } = [];

    /// <summary>How often they are shown the newest checkpoint, in seconds. Default 30: what nobody else has seen yet is so much at most.</summary>
    [Range(1, 86_400)] public int WitnessSeconds { get; set; } = 30;

    /// <summary>Public keys of other ledgers whose checkpoints this server cosigns. Default: none.</summary>
    public string[] WitnessedLogs { get; set; } = [];

    /// <summary>The name of this server's key as a witness. Null: one made of the key.</summary>
    [RegularExpression("^[^\\s+]{1,200}$")] public string? WitnessName { get; set; }
}

[OptionsValidator]
internal sealed partial class LedgerOptionsValidator : IValidateOptions<LedgerOptions>;
