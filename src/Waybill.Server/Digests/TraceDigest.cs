using System.Globalization;
using System.Text.Json;
using Waybill.Catalogs;
using Waybill.Graph;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Digests;

public sealed record DigestSpan(string SpanId, string Service, string Operation, string Kind);

public sealed record DigestService(string Service, int SpanCount, int ErrorCount, long SelfNano, IReadOnlyList<string> Versions, IReadOnlyList<string> Environments, IReadOnlyList<string> Instances, string? Owner);

public sealed record DigestOperation(string Service, string Operation, string Kind, int SpanCount, int ErrorCount, long DurationNano, long SelfNano);

/// <param name="CriticalNano">The part of the trace's time that was spent in this span alone.</param>
public sealed record CriticalSpan(string SpanId, string Service, string Operation, string StartUnixNano, long DurationNano, long CriticalNano, double Share);

/// <param name="Path">The failed spans from the top of the trace down to this one.</param>
public sealed record FirstError(
    string SpanId, string Service, string Operation, string? Version, string? Instance, string? Environment, string? ErrorType, string? Message, int? HttpStatus, string TimeUnixNano,
    string? Owner, string? Runbook, IReadOnlyList<string> Path);

public sealed record ServiceVersion(string Service, string Version);

/// <param name="Direction">cause: this trace points there; effect: something there points here.</param>
public sealed record LinkedTrace(string TraceId, string SpanId, string Direction, string Kind);

public sealed record DigestSkew(string Service, long OffsetNano, long UncertaintyNano);

/// <summary>What a trace was, in a page. Made from all its spans whenever it is asked for, so what arrived late is in it.</summary>
public sealed record TraceDigest(
    string TraceId, string Status, IReadOnlyList<PartialReason> Reasons, DigestSpan? Root, string StartUnixNano, long DurationNano,
    int SpanCount, int ErrorCount, int OrphanCount, int DuplicateCount, int RootCount, int Depth,
    IReadOnlyList<DigestService> Services, IReadOnlyList<DigestOperation> Operations, IReadOnlyList<CriticalSpan> CriticalPath, IReadOnlyList<SeenException> Exceptions,
    FirstError? FirstError, IReadOnlyList<ServiceVersion> Versions, IReadOnlyList<SeenFlag> Flags, IReadOnlyList<BusinessId> BusinessIds, IReadOnlyList<LinkedTrace> Linked,
    IReadOnlyList<DigestSkew> ClockSkew, IReadOnlyList<DigestChange> Changes)
{
    /// <summary>Where a service of it ran; empty when it does not say.</summary>
    public IReadOnlyCollection<string> EnvironmentsOf(string service) => Services.FirstOrDefault(of => of.Service == service)?.Environments ?? [];
}

/// <summary>Makes the digest of one trace: pure.</summary>
internal sealed class DigestBuilder(TraceAnswer answer, AliasKeys aliasKeys, CatalogSnapshot catalog)
{
    private const int ListMax = 200;

    private readonly StoredTrace _trace = answer.Trace;
    private readonly Dictionary<ulong, ServiceIdentity> _identities = answer.Resources.ToDictionary(resource => resource.Key, resource => ServiceIdentity.Of(resource.Value));

    public TraceDigest Build(IReadOnlyList<LinkedTrace> effects)
    {
        TraceTree tree = _trace.Tree;
        long[] self = SelfTime.Of(_trace.Nodes, tree), critical = CriticalPath.Of(_trace.Nodes, tree, _trace.ClockOffsets);
        SpanView[] spans = [.. tree.Order.Select(row => new SpanView(_trace, row))];
        long start = spans.Length == 0 ? 0 : spans.Min(span => span.Node.StartUnixNano);
        long end = spans.Length == 0 ? 0 : spans.Max(span => Math.Max(span.Node.StartUnixNano, span.Node.EndUnixNano));
        return new TraceDigest(
            answer.Id.ToString(), answer.Reasons.Count == 0 ? "complete" : "partial", answer.Reasons,
            tree.Root < 0 ? null : Place(new SpanView(_trace, tree.Root)), Text(start), end - start,
            spans.Length, spans.Count(span => span.IsError), tree.Orphans, tree.Duplicates, spans.Count(span => tree.Parent[span.Row] < 0), spans.Length == 0 ? 0 : tree.Order.Max(row => tree.Depth[row]) + 1,
            Services(spans, self), Operations(spans, self), Critical(spans, critical), Exceptions(spans), First(), Versions(spans), Flags(spans), BusinessIds.Of(spans, aliasKeys, ListMax),
            [.. Causes(spans), .. effects], Skews(), []);
    }

    private List<DigestService> Services(SpanView[] spans, long[] self) =>
        [.. spans.GroupBy(span => span.Service).Select(service =>
        {
            ServiceIdentity[] identities = [.. service.Select(span => span.Resource).Distinct().Select(id => _identities.GetValueOrDefault(id)).OfType<ServiceIdentity>()];
            return new DigestService(service.Key, service.Count(), service.Count(span => span.IsError), service.Sum(span => self[span.Row]),
                Distinct(identities, identity => identity.Version), Distinct(identities, identity => identity.Environment), Distinct(identities, identity => identity.Instance), catalog.Services.GetValueOrDefault(service.Key)?.Owner);
        }).OrderByDescending(service => service.SelfNano).ThenBy(service => service.Service, StringComparer.Ordinal)];

    private static List<DigestOperation> Operations(SpanView[] spans, long[] self) =>
        [.. spans.GroupBy(span => (span.Service, span.Name, span.Kind)).Select(operation => new DigestOperation(operation.Key.Service, operation.Key.Name, SpanView.KindName(operation.Key.Kind),
                operation.Count(), operation.Count(span => span.IsError), operation.Sum(span => Math.Max(0, span.Node.DurationNano)), operation.Sum(span => self[span.Row])))
            .OrderByDescending(operation => operation.SelfNano).ThenBy(operation => operation.Service, StringComparer.Ordinal).ThenBy(operation => operation.Operation, StringComparer.Ordinal).Take(ListMax)];

    private static List<CriticalSpan> Critical(SpanView[] spans, long[] critical)
    {
        double total = Math.Max(1, spans.Sum(span => Math.Max(0, critical[span.Row])));
        return [.. spans.Where(span => critical[span.Row] > 0).OrderByDescending(span => critical[span.Row]).Take(ListMax).OrderBy(span => span.Node.StartUnixNano)
            .Select(span => new CriticalSpan(span.SpanId, span.Service, span.Name, Text(span.Node.StartUnixNano), span.Node.DurationNano, critical[span.Row], Math.Round(critical[span.Row] / total, 4)))];
    }

    private List<SeenException> Exceptions(SpanView[] spans) =>
        [.. spans.SelectMany(SpanFacts.Exceptions).Concat(LogFacts.Exceptions(answer.Logs)).GroupBy(seen => (seen.Type, seen.Message, seen.Service))
            .Select(group => group.First() with { Count = group.Count() }).OrderBy(seen => seen.TimeUnixNano, StringComparer.Ordinal).Take(ListMax)];

    private FirstError? First()
    {
        bool[] failed = new bool[_trace.Nodes.Length];
        foreach (int row in _trace.Tree.Order) failed[row] = new SpanView(_trace, row).IsError;
        List<int> path = FailurePath.Of(_trace.Nodes, _trace.Tree, failed);
        if (path.Count == 0) return null;
        var span = new SpanView(_trace, path[^1]);
        SeenException? exception = path.AsEnumerable().Reverse().SelectMany(row => SpanFacts.Exceptions(new SpanView(_trace, row)).Take(1)).FirstOrDefault();
        ServiceIdentity? identity = _identities.GetValueOrDefault(span.Resource);
        string? type = OrNull(span.ErrorType) ?? exception?.Type;
        CatalogEntry? entry = catalog.Services.GetValueOrDefault(span.Service);
        return new FirstError(span.SpanId, span.Service, span.Name, identity?.Version, identity?.Instance, identity?.Environment, type,
            OrNull(exception?.Message) ?? OrNull(span.StatusMessage), span.HttpStatus is 0 ? null : span.HttpStatus, Text(span.Node.StartUnixNano),
            entry?.Owner, entry?.Runbook, [.. path.Select(row => new SpanView(_trace, row).Label)]);
    }

    private List<ServiceVersion> Versions(SpanView[] spans) =>
        [.. spans.Select(span => (span.Service, _identities.GetValueOrDefault(span.Resource)?.Version)).Where(seen => seen.Version is not null).Distinct().Order()
            .Select(seen => new ServiceVersion(seen.Service, seen.Version!))];

    private List<SeenFlag> Flags(SpanView[] spans) =>
        [.. spans.SelectMany(SpanFacts.Flags).Concat(LogFacts.Flags(answer.Logs)).DistinctBy(flag => (flag.Key, flag.Variant, flag.Service)).Take(ListMax)];

    private IEnumerable<LinkedTrace> Causes(SpanView[] spans) =>
        spans.SelectMany(span => SpanFacts.Links(span.Links)).Where(link => link.TraceId != answer.Id.ToString()).DistinctBy(link => link.TraceId)
            .Select(link => new LinkedTrace(link.TraceId, link.SpanId, "cause", "link")).Take(ListMax);

    private List<DigestSkew> Skews()
    {
        var serviceOf = _trace.Clocks.ToDictionary(clock => clock.Value, clock => answer.Resources.TryGetValue(clock.Key, out Origin? origin) ? origin.Name : "");
        return [.. _trace.ClockOffsets.Select(offset => new DigestSkew(serviceOf[offset.Clock], offset.OffsetNano, offset.UncertaintyNano))];
    }

    private static DigestSpan Place(SpanView span) => new(span.SpanId, span.Service, span.Name, SpanView.KindName(span.Kind));

    private static List<string> Distinct(ServiceIdentity[] identities, Func<ServiceIdentity, string?> part) => [.. identities.Select(part).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Text(long unixNano) => ((ulong)unixNano).ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a resource says of itself.</summary>
internal sealed record ServiceIdentity(string? Version, string? Instance, string? Environment)
{
    public static ServiceIdentity Of(Origin resource)
    {
        using JsonDocument attributes = JsonDocument.Parse(resource.AttributesJson);
        return new ServiceIdentity(Text("service.version"), Text("service.instance.id"), Text("deployment.environment.name") ?? Text("deployment.environment"));

        string? Text(string key) => attributes.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
    }
}
