namespace Waybill.Causes;

/// <summary>One thing that one channel of evidence saw, not yet weighed against the others.</summary>
/// <param name="Channel">Which evidence: self_time, network, dependency, errors, calls, rate, resource, logs, change, attribute.</param>
/// <param name="Fault">What it would be.</param>
/// <param name="Strength">How sure and how large, 0 to 1.</param>
/// <param name="Explained">Share of what got worse that this accounts for, 0 to 1.</param>
public sealed record Finding(string Channel, string Fault, string Service, double Strength, double Explained, string Text)
{
    public string? Instance { get; init; }
    public string? Operation { get; init; }
    public string? Dependency { get; init; }
    public string? Change { get; init; }
    public AttributeValue? Attribute { get; init; }

    /// <summary>Of an attribute: how well its value tells the bad from the good, 0 to 1.</summary>
    public double Effect { get; init; }

    /// <summary>Entry operation it hurts most, for the sentence.</summary>
    public string? Hurts { get; init; }
    public double? Baseline { get; init; }
    public double? Window { get; init; }
    public string? Unit { get; init; }
    public int? BaselineCount { get; init; }
    public int? WindowCount { get; init; }

    /// <summary>Spans of the sample that show it, and like ones that are well.</summary>
    public IReadOnlyList<int> Bad { get; init; } = [];
    public IReadOnlyList<int> Good { get; init; } = [];

    /// <summary>What it adds to the score. The share explained weighs less than the strength: a rare operation may be broken completely.</summary>
    public double Contribution => Math.Clamp(Strength * Math.Pow(Math.Clamp(Explained, 0, 1), ExplainedWeight), 0, ContributionMax);

    private const double ExplainedWeight = 0.35, ContributionMax = 0.97;
}
