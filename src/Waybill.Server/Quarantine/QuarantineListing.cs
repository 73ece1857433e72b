using System.ComponentModel.DataAnnotations;
using Waybill.Traces;

namespace Waybill.Quarantine;

/// <summary>What arrived with impossible times and lies aside, by who sent it and why.</summary>
public sealed record QuarantineListing([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<QuarantineEntry> Entries);

/// <param name="Count">Items, not weighted.</param>
/// <param name="Why">The time as sent is zero, lies ahead of its arrival, or too long before it (Ingest:PastDaysMax, Ingest:FutureMinutesMax).</param>
/// <param name="OldestUnixNano">Of the times as sent, which are wrong.</param>
/// <param name="Sample">The one that arrived last.</param>
public sealed record QuarantineEntry(
    [property: AllowedValues("traces", "logs", "metrics")] string Signal, string Service, long Count, [property: AllowedValues("in_future", "too_old", "no_time")] string Why,
    string OldestUnixNano, string NewestUnixNano, string LastReceivedUnixNano, QuarantineSample Sample);

/// <param name="Name">Of the span or metric; of a log record its event name, or how its body begins.</param>
/// <param name="TraceId">Empty when it names none.</param>
public sealed record QuarantineSample(string Name, string TraceId, string TimeUnixNano);
