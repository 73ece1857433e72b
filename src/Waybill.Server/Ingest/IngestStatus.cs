using System.Text.Json.Serialization;
using Waybill.Batches;

namespace Waybill.Ingest;

/// <summary>A part of the status page that another room fills, such as the spool's or the engine's. Registered as a service.</summary>
/// <param name="Name">Its property's name, in lowerCamelCase.</param>
/// <param name="Read">What is there now, to be written as JSON. Called at each request: must be cheap, must not throw.</param>
public sealed record StatusSection(string Name, Func<object?> Read)
{
    /// <summary>The type of what is read, for the OpenAPI document.</summary>
    public Type? Shape { get; init; }
}

public sealed record ArrivedCount(string Signal, string Protocol, long Requests, long Items, long Bytes);

public sealed record RejectedCount(string Signal, string Reason, long Items);

public sealed record QuarantinedCount(string Signal, long Items);

public sealed record RefusedCount(string Protocol, string Reason, long Requests);

/// <summary>What arrived since the start, from whom, and what was refused and why.</summary>
public sealed record IngestStatus(
    string Version, DateTimeOffset At, ArrivedCount[] Arrived, RejectedCount[] Rejected, QuarantinedCount[] Quarantined, RefusedCount[] Refused, long DuplicateRequests,
    int InFlightRequests, long InFlightBytes, int SendersKnown, Sender[] Senders, RefusedRequest[] LatestRefusals)
{
    /// <summary>The parts of other rooms, by name.</summary>
    [JsonExtensionData] public Dictionary<string, object?> Sections { get; init; } = [];
}

/// <summary>Composes the status from its sources.</summary>
internal sealed class IngestStatusPage(
    IngestCounters counters, Admission admission, Senders senders, Refusals refusals, IEnumerable<StatusSection> sections, TimeProvider clock)
{
    // What a person looks at; the full lists are bounded by options, and their counts are given.
    private const int SendersShown = 500;
    private const int RefusalsShown = 200;

    private static readonly string Version = typeof(IngestStatusPage).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <param name="tenant">Whose senders and refusals are shown; null: all. Counts are of the whole server.</param>
    public IngestStatus Read(string? tenant) => new(
        Version, clock.GetUtcNow(),
        [.. from signal in Names.Signals
            from protocol in Names.Protocols
            let requests = counters.Requests(signal, protocol)
            where requests > 0
            select new ArrivedCount(signal.Name(), protocol.Name(), requests, counters.Items(signal, protocol), counters.Bytes(signal, protocol))],
        [.. from signal in Names.Signals
            from reason in Enum.GetValues<Rejection>()
            let items = counters.Rejected(signal, reason)
            where items > 0
            select new RejectedCount(signal.Name(), Remarks.Label(reason), items)],
        [.. from signal in Names.Signals
            let items = counters.Quarantined(signal)
            where items > 0
            select new QuarantinedCount(signal.Name(), items)],
        [.. from protocol in Names.Protocols
            from reason in Enum.GetValues<RefusalReason>()
            let requests = counters.Refused(protocol, reason)
            where requests > 0
            select new RefusedCount(protocol.Name(), Refusal.Labels[(int)reason], requests)],
        counters.DuplicateRequests, admission.Requests, admission.Bytes, senders.Count, senders.Latest(SendersShown, tenant), refusals.Latest(RefusalsShown, tenant))
    {
        Sections = sections.ToDictionary(section => section.Name, section => section.Read()),
    };
}
