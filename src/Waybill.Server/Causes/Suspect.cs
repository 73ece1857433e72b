using System.Text.Json.Serialization;

namespace Waybill.Causes;

public sealed record AttributeValue(string Key, string Value);

/// <summary>One piece of evidence with what it adds: score = 1 - product(1 - contribution).</summary>
public sealed record Evidence(string Channel, string Text, double Contribution)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Baseline { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Window { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Unit { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? BaselineCount { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? WindowCount { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<string>? BadTraces { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<string>? GoodTraces { get; init; }
}

/// <summary>Something that may be the cause. Members that do not apply are absent in the answer.</summary>
/// <param name="Kind">The narrowest thing that holds the fault: service, instance, operation, dependency, change, attribute.</param>
/// <param name="Fault">What is wrong with it: slow, failing, network, missing_calls, more_calls, retries, timeouts, silent, rate, resource, logs, change.</param>
public sealed record Suspect(string Kind, string Fault, double Score, string Sentence, IReadOnlyList<Evidence> Evidence)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Service { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Instance { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Operation { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Dependency { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Change { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public AttributeValue? Attribute { get; init; }

    /// <summary>Who owns the service and what to do about it, as the catalog says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Owner { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Runbook { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? OnsetUnixNano { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? ExplainedRatio { get; init; }
}
