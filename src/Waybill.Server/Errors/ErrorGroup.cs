using System.Text.Json.Serialization;
using Waybill.Changes;

namespace Waybill.Errors;

/// <param name="WeightedCount">Exceptions, weighted.</param>
public sealed record ErrorVersion(string? Version, string? Environment, double WeightedCount);

/// <param name="TraceCount">Traces with the exception that saw this value; not weighted.</param>
public sealed record ErrorFlag(string Key, string Value, long TraceCount);

/// <summary>Exceptions of one service, one type and one place.</summary>
/// <param name="Group">16 hexadecimal digits.</param>
/// <param name="Message">What the latest said.</param>
/// <param name="Culprit">The first frame of the stack that is not of the platform.</param>
/// <param name="WeightedCount">Exceptions, weighted; one that a span and a log record tell of counts once.</param>
/// <param name="StoredCount">Exceptions, not weighted.</param>
/// <param name="FirstSeenUnixNano">First in the range; <paramref name="FirstEverUnixNano"/> is the first of all.</param>
/// <param name="IsNew">Never seen before the range.</param>
/// <param name="Trend">Weighted counts of equal parts of the range, oldest first.</param>
public sealed record ErrorGroup(
    string Group, string Service, string Type, string Message, string Culprit, string? Owner, double WeightedCount, long StoredCount, long TraceCount,
    string FirstSeenUnixNano, string LastSeenUnixNano, string FirstEverUnixNano, bool IsNew, IReadOnlyList<ErrorVersion> Versions, IReadOnlyList<ErrorFlag> Flags,
    IReadOnlyList<string> SampleTraceIds, IReadOnlyList<double> Trend)
{
    /// <summary>The last change of the service before the group was first seen, at most a day earlier; of new groups only.</summary>
    public Change? NewSince { get; init; }

    /// <summary>The stack of one of them, as it was sent.</summary>
    public string? Stack { get; init; }

    /// <summary>Its frames as they are compared, from the place of the throw outwards.</summary>
    public IReadOnlyList<string>? Frames { get; init; }

    /// <summary>The latest of them.</summary>
    public IReadOnlyList<ErrorOccurrence>? Traces { get; init; }

    /// <summary>What was changed in the service in the range.</summary>
    public IReadOnlyList<Change>? Changes { get; init; }

    [JsonIgnore] internal ulong Id { get; init; }
    [JsonIgnore] internal long FirstEverNano { get; init; }
}

public sealed record ErrorOccurrence(string TraceId, string SpanId, string TimeUnixNano, string Message, string? Version, string Operation);

/// <summary>What groups must have; null asks for nothing.</summary>
public sealed record ErrorFilter(string? Service = null, string? Environment = null, string? Version = null, ulong? Group = null);
