using System.Text.Json.Serialization;
using Waybill.Traces;

namespace Waybill.Verdicts;

/// <summary>What one check says of the new version.</summary>
/// <param name="Check">volume, errors, latency, exceptions or paths.</param>
/// <param name="Verdict">promote, hold or rollback.</param>
public sealed record CheckResult(string Check, string Verdict, string Sentence)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Canary { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Baseline { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Effect { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Confidence { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<string>? Traces { get; init; }
}

/// <summary>Whether a version should go on. The worst check decides.</summary>
/// <param name="Score">1 promote, 0.5 hold, 0 rollback: what a condition of Argo Rollouts compares.</param>
public sealed record VersionVerdict(string Verdict, double Score, bool Promote, bool Rollback, string Service, string Version, string Against, IReadOnlyList<CheckResult> Reasons,
    long CanaryRequests, long BaselineRequests, string Status, IReadOnlyList<PartialReason> PartialReasons);
