using Waybill.Batches;
using Waybill.Changes;
using Waybill.Digests;
using Waybill.Spans;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Graph;

/// <summary>Puts the causal graph around an id together: the tree of one trace and the graph of many are the same answer.</summary>
public sealed class GraphReader(TraceReader traces, TraceEndTable ends, LinkTable links, AliasTable aliases, ChangeTable changes, AliasKeys keys)
{
    /// <returns>Null when no stored trace answers to the id.</returns>
    public async Task<CausalGraph?> Read(string tenant, GraphQuestion question, CancellationToken cancel)
    {
        GraphFocus? focus = await GraphFocus.Find(tenant, question.Id, aliases, keys, cancel);
        if (focus is null) return null;
        var walk = new GraphWalk(tenant, question, traces, ends, links, aliases, changes, keys);
        return await walk.Run(focus, cancel) ? walk.Finish(focus) : null;
    }
}

/// <summary>One walk from the focus towards causes and effects. Each trace is read once.</summary>
internal sealed class GraphWalk(string tenant, GraphQuestion question, TraceReader reader, TraceEndTable endTable, LinkTable linkTable, AliasTable aliasTable, ChangeTable changeTable, AliasKeys keys)
{
    private const int ExpandedMax = 12, SpansPerTraceMax = 100_000, BusinessIdsMax = 10, SharedTracesMax = 10, BacklinksMax = 2_000, MessagesMax = 1_000, TracesPerMessageMax = 20, TracesWithChangesMax = 3, ChangesMax = 5;
    private const long ChangeReachNano = 2 * 3_600_000_000_000;

    private readonly GraphDraft _draft = new(question.Limit);
    private readonly List<PartialReason> _reasons = [];
    private readonly Dictionary<TraceId, TraceLine> _lines = [];
    private readonly Dictionary<TraceId, List<TraceEnd>> _ends = [];
    private readonly Dictionary<(TraceId, SpanId), string> _nodeOfSpan = [];
    private readonly HashSet<TraceId> _expanded = [];

    /// <returns>False when nothing of the focus is stored.</returns>
    public async Task<bool> Run(GraphFocus focus, CancellationToken cancel)
    {
        await Load(focus.Traces, cancel);
        TraceId[] stored = [.. focus.Traces.Where(_lines.ContainsKey)];
        if (stored.Length == 0) return false;
        foreach (AliasedTrace alias in focus.Aliases) AddBusinessId(alias.Key, alias.Value);
        foreach (TraceId trace in stored) await AddTrace(trace, 0, expand: true, cancel);
        foreach (AliasedTrace alias in focus.Aliases) Concerns(alias);
        if (focus.Aliases.Count == 0) await AddSharedIds(stored, cancel);
        if (question.Up > 0) await AddChanges(stored, cancel);
        await Walk(stored, -1, question.Up, cancel);
        await Walk(stored, +1, question.Down, cancel);
        return true;
    }

    public CausalGraph Finish(GraphFocus focus) =>
        _draft.Finish(question.Id, focus.Kind, focus.Span is { } span && _nodeOfSpan.TryGetValue((focus.Traces[0], span), out string? node)
            ? [node] : [.. focus.Traces.Select(TraceNode).Where(_draft.Has)], _reasons);

    private async Task Walk(TraceId[] frontier, int direction, int steps, CancellationToken cancel)
    {
        for (int step = 1; step <= steps && frontier.Length > 0 && _draft.LeftOut == 0; step++)
        {
            List<Join> joins = [.. direction < 0 ? LinksOf(frontier) : await BacklinksOf(frontier, cancel), .. await MessagesOf(frontier, direction, cancel)];
            TraceId[] others = [.. joins.Select(join => join.Other(direction)).Distinct().Where(trace => !_draft.Has(TraceNode(trace)))];
            await Load(others, cancel);
            foreach (TraceId trace in others) await AddTrace(trace, direction * step, question.ExpandAll, cancel);
            foreach (Join join in joins) Connect(join);
            frontier = [.. others.Where(trace => _lines.ContainsKey(trace) && _draft.Has(TraceNode(trace)))];
        }
    }

    /// <summary>An edge between two traces, from cause to effect.</summary>
    private readonly record struct Join(TraceId From, SpanId FromSpan, TraceId To, SpanId ToSpan, string MessageId, string Queue)
    {
        public TraceId Other(int direction) => direction < 0 ? From : To;
    }

    private IEnumerable<Join> LinksOf(IEnumerable<TraceId> frontier) =>
        from trace in frontier
        from end in _ends.GetValueOrDefault(trace, [])
        from link in end.Links
        where link.TraceId != trace.ToString() && TraceId.TryParse(link.TraceId, out _) && SpanId.TryParse(link.SpanId, out _)
        select new Join(ParseTrace(link.TraceId), ParseSpan(link.SpanId), trace, end.Span, "", "");

    private async Task<IEnumerable<Join>> BacklinksOf(IReadOnlyList<TraceId> frontier, CancellationToken cancel)
    {
        List<Backlink> found = await linkTable.To(tenant, frontier, BacklinksMax, cancel);
        if (found.Count == BacklinksMax) _reasons.Add(new("over_limit", $"More than {BacklinksMax} spans link to these traces; the earliest are shown."));
        return found.Select(link => new Join(link.To, link.ToSpan, link.From, link.FromSpan, "", ""));
    }

    /// <summary>Producers and consumers of the same message that are in different traces.</summary>
    private async Task<IEnumerable<Join>> MessagesOf(IReadOnlyList<TraceId> frontier, int direction, CancellationToken cancel)
    {
        SpanKind own = direction < 0 ? SpanKind.Consumer : SpanKind.Producer;
        TraceEnd[] here = [.. frontier.SelectMany(trace => _ends.GetValueOrDefault(trace, [])).Where(end => end.Kind == own && end.MessageId.Length > 0).Take(MessagesMax)];
        if (here.Length == 0) return [];
        List<AliasedTrace> shared = await aliasTable.Find(tenant, [.. here.Select(end => end.MessageId).Distinct()], BusinessIds.MessageKey, TracesPerMessageMax, cancel);
        await Load([.. shared.Select(alias => alias.Trace).Distinct()], cancel);
        return
            from end in here
            from alias in shared
            where alias.Value == end.MessageId && alias.Trace != end.Trace
            from other in _ends.GetValueOrDefault(alias.Trace, [])
            where other.MessageId == end.MessageId && other.Kind != own && (other.Queue == end.Queue || other.Queue.Length == 0 || end.Queue.Length == 0)
            let sender = direction < 0 ? other : end
            let receiver = direction < 0 ? end : other
            select new Join(sender.Trace, sender.Span, receiver.Trace, receiver.Span, end.MessageId, end.Queue.Length > 0 ? end.Queue : other.Queue);
    }

    private async Task Load(IReadOnlyCollection<TraceId> wanted, CancellationToken cancel)
    {
        TraceId[] missing = [.. wanted.Where(trace => !_ends.ContainsKey(trace))];
        if (missing.Length == 0) return;
        Task<Dictionary<TraceId, TraceLine>> lines = endTable.Lines(tenant, missing, cancel);
        List<TraceEnd> found = await endTable.Ends(tenant, missing, cancel);
        foreach (TraceId trace in missing) _ends[trace] = [];
        foreach (TraceEnd end in found) _ends[end.Trace].Add(end);
        foreach ((TraceId trace, TraceLine line) in await lines) _lines[trace] = line;
    }

    private async Task AddTrace(TraceId trace, int distance, bool expand, CancellationToken cancel)
    {
        if (!_lines.TryGetValue(trace, out TraceLine? line))
        {
            _draft.Add(new GraphNode(TraceNode(trace), "trace", $"trace {trace} (not stored)", distance) { TraceId = trace.ToString(), Missing = true });
            return;
        }
        bool added = _draft.Add(new GraphNode(TraceNode(trace), "trace", $"{line.RootService} {line.RootName}", distance)
        {
            TraceId = trace.ToString(), Service = line.RootService, Operation = line.RootName, StartUnixNano = Text(line.StartUnixNano), DurationNano = line.DurationNano,
            SpanCount = line.SpanCount, ErrorCount = line.ErrorCount, Services = line.Services,
        });
        if (!added) return;
        foreach (TraceEnd root in _ends[trace].Where(end => end.Job.Length > 0)) AddJob(root, distance);
        if (!expand) return;
        if (_expanded.Count >= ExpandedMax)
        {
            if (_reasons.All(reason => reason.Reason != "not_expanded")) _reasons.Add(new("not_expanded", $"The spans of the first {ExpandedMax} traces are shown; of the others only the traces."));
            return;
        }
        _expanded.Add(trace);
        TraceAnswer? answer = await reader.Read(tenant, trace, skeleton: true, SpansPerTraceMax, 0, cancel);
        if (answer is null) return;
        if (answer.Trace.Tree.Orphans > 0) _reasons.Add(new("parent_not_received", $"In trace {trace}, {answer.Trace.Tree.Orphans} spans name a parent that was not received."));
        AddGroups(trace, answer.Trace, distance);
    }

    private void AddJob(TraceEnd root, int distance)
    {
        string id = $"job:{root.Service}/{root.Job}";
        if (!_draft.Add(new GraphNode(id, "job", $"{root.Service} {root.Job}", Math.Min(distance, 0) - 1) { Service = root.Service, Operation = root.Job })) return;
        _draft.Connect(id, TraceNode(root.Trace), "runs", new EdgeEvidence($"The trace is a run of {root.Job} of {root.Service}.", root.Trace.ToString(), root.Span.ToString()));
    }

    private void AddGroups(TraceId trace, StoredTrace stored, int distance)
    {
        List<SpanGroup> groups = SpanGroups.Of(stored, out int[] groupOf);
        foreach (SpanGroup group in groups)
        {
            var first = stored.Nodes[group.FirstRow];
            bool added = _draft.Add(new GraphNode(GroupNode(trace, group.Index), "spans", $"{group.Service} {group.Name}", distance)
            {
                TraceId = trace.ToString(), Trace = TraceNode(trace), SpanId = first.Id.ToString(), Service = group.Service, Operation = group.Name, SpanKind = SpanView.KindName(group.Kind),
                StartUnixNano = Text(group.StartUnixNano), DurationNano = group.EndUnixNano - group.StartUnixNano, SpanCount = group.Count, ErrorCount = group.Errors, Orphan = group.Orphan ? true : null,
            });
            if (!added) continue;
            string from = group.Parent < 0 ? TraceNode(trace) : GroupNode(trace, group.Parent);
            SpanGroup? parent = group.Parent < 0 ? null : groups[group.Parent];
            string kind = parent is null ? "contains" : parent.Kind == SpanKind.Producer && group.Kind == SpanKind.Consumer ? "delivers" : "calls";
            string sentence = parent is not null ? $"{parent.Service} {parent.Name} is the parent of {group.Service} {group.Name}."
                : group.Orphan ? $"{group.Service} {group.Name} names a parent that was not received." : $"{group.Service} {group.Name} has no parent.";
            _draft.Connect(from, GroupNode(trace, group.Index), kind, new EdgeEvidence(sentence, trace.ToString(), first.Id.ToString()), group.Count, group.Errors);
        }
        for (int row = 0; row < groupOf.Length; row++)
            if (groupOf[row] >= 0 && _draft.Has(GroupNode(trace, groupOf[row]))) _nodeOfSpan.TryAdd((trace, stored.Nodes[row].Id), GroupNode(trace, groupOf[row]));
    }

    private void Connect(Join join)
    {
        if (join.MessageId.Length > 0)
        {
            string message = $"message:{join.Queue}/{join.MessageId}";
            int between = Math.Max(_draft.Find(TraceNode(join.From))?.Distance ?? 0, (_draft.Find(TraceNode(join.To))?.Distance ?? 0) - 1);
            string topic = join.Queue[(join.Queue.IndexOf('/', StringComparison.Ordinal) + 1)..];
            if (!_draft.Add(new GraphNode(message, "message", topic, between) { Destination = topic, MessageId = join.MessageId })) return;
            _draft.Connect(SpanNode(join.From, join.FromSpan), message, "publishes",
                new EdgeEvidence($"{LabelOf(join.From, join.FromSpan)} sent message {join.MessageId} to {topic}.", join.From.ToString(), join.FromSpan.ToString(), BusinessIds.MessageKey, join.MessageId));
            _draft.Connect(message, SpanNode(join.To, join.ToSpan), "delivers",
                new EdgeEvidence($"{LabelOf(join.To, join.ToSpan)} received message {join.MessageId} from {topic}.", join.To.ToString(), join.ToSpan.ToString(), BusinessIds.MessageKey, join.MessageId));
            return;
        }
        // A link usually points at what came before. One that points at what began later announced it.
        bool announces = StartOf(join.From, join.FromSpan) is { } cause && StartOf(join.To, join.ToSpan) is { } effect && cause > effect + 1_000_000_000;
        string from = SpanNode(join.From, join.FromSpan), to = SpanNode(join.To, join.ToSpan);
        _draft.Connect(announces ? to : from, announces ? from : to, "links",
            new EdgeEvidence($"{LabelOf(join.To, join.ToSpan)} links to {LabelOf(join.From, join.FromSpan)}.", join.To.ToString(), join.ToSpan.ToString()));
    }

    /// <summary>The node for one span: its group, a node of its own when it touches another trace, else its trace.</summary>
    private string SpanNode(TraceId trace, SpanId span)
    {
        if (_nodeOfSpan.TryGetValue((trace, span), out string? known)) return known;
        if (EndOf(trace, span) is not { } end || !_draft.Has(TraceNode(trace))) return TraceNode(trace);
        string id = $"span:{trace}:{span}";
        bool added = _draft.Add(new GraphNode(id, "spans", end.Label, _draft.Find(TraceNode(trace))!.Distance)
        {
            TraceId = trace.ToString(), Trace = TraceNode(trace), SpanId = span.ToString(), Service = end.Service, Operation = end.Name, SpanKind = SpanView.KindName(end.Kind),
            StartUnixNano = Text(end.StartUnixNano), DurationNano = end.DurationNano, SpanCount = 1, ErrorCount = end.IsError ? 1 : 0,
        });
        if (!added) return TraceNode(trace);
        _draft.Connect(TraceNode(trace), id, "contains", new EdgeEvidence($"{end.Label} is a span of the trace.", trace.ToString(), span.ToString()));
        return _nodeOfSpan[(trace, span)] = id;
    }

    private void AddBusinessId(string key, string value)
    {
        if (key == BusinessIds.MessageKey) return;
        _draft.Add(new GraphNode(BusinessNode(key, value), "business_id", $"{key} {value}", 0) { Key = key, Value = value });
    }

    private void Concerns(AliasedTrace alias) =>
        _draft.Connect(BusinessNode(alias.Key, alias.Value), TraceNode(alias.Trace), "concerns",
            new EdgeEvidence($"Spans of the trace carry {alias.Key} {alias.Value}.", alias.Trace.ToString(), null, alias.Key, alias.Value));

    /// <summary>The business ids of the traces asked for, and the few other traces that share one.</summary>
    private async Task AddSharedIds(TraceId[] focus, CancellationToken cancel)
    {
        var ids = new List<(TraceId Trace, BusinessId Id)>();
        foreach (TraceId trace in focus)
        {
            TraceAnswer? answer = await reader.Read(tenant, trace, skeleton: false, SpansPerTraceMax, 0, cancel);
            if (answer is null) continue;
            IEnumerable<SpanView> spans = answer.Trace.Tree.Order.Select(row => new SpanView(answer.Trace, row));
            ids.AddRange(BusinessIds.Of(spans, keys, BusinessIdsMax * 4).Where(id => id.Key != BusinessIds.MessageKey).Take(BusinessIdsMax).Select(id => (trace, id)));
        }
        string[] values = [.. ids.Select(of => of.Id.Value).Distinct()];
        var sharing = (await aliasTable.Find(tenant, values, null, SharedTracesMax + 1, cancel)).ToLookup(alias => (alias.Key, alias.Value));
        // A session of a hundred requests is a list, not a story.
        await Load([.. sharing.Where(id => id.Count() <= SharedTracesMax).SelectMany(id => id).Select(alias => alias.Trace).Distinct()], cancel);
        foreach ((TraceId trace, BusinessId id) in ids)
        {
            AddBusinessId(id.Key, id.Value);
            Concerns(new AliasedTrace(id.Key, id.Value, trace, 0, 0));
            AliasedTrace[] others = [.. sharing[(id.Key, id.Value)]];
            if (others.Length > SharedTracesMax) continue;
            foreach (AliasedTrace alias in others.Where(alias => alias.Trace != trace && _lines.ContainsKey(alias.Trace)))
            {
                int distance = _lines[alias.Trace].StartUnixNano < _lines[trace].StartUnixNano ? -1 : 1;
                if (distance < 0 ? question.Up == 0 : question.Down == 0) continue;
                await AddTrace(alias.Trace, distance, question.ExpandAll, cancel);
                Concerns(alias);
            }
        }
    }

    /// <summary>The latest changes of the services in the focus, up to the end of each trace.</summary>
    private async Task AddChanges(IEnumerable<TraceId> focus, CancellationToken cancel)
    {
        foreach (TraceLine line in focus.Take(TracesWithChangesMax).Select(trace => _lines[trace]))
        {
            var range = new TimeRange(line.StartUnixNano - ChangeReachNano, line.StartUnixNano + Math.Max(1, line.DurationNano));
            ChangePage page = await changeTable.Read(tenant, range, new ChangeFilter { Services = line.Services }, ChangesMax, null, cancel);
            foreach (Change change in page.Changes)
            {
                string id = $"change:{change.Id}", title = change.Summary ?? $"{change.Kind} of {change.Service}";
                if (!_draft.Add(new GraphNode(id, "change", title, -1) { Service = change.Service, StartUnixNano = change.StartedUnixNano })) return;
                GraphNode? first = _draft.FirstSpans(TraceNode(line.Id), change.Service ?? "");
                _draft.Connect(id, first?.Id ?? TraceNode(line.Id), "precedes", new EdgeEvidence(
                    $"\"{title}\"{(change.Author is { } author ? $" by {author}" : "")} began {(line.StartUnixNano - change.StartedNano) / 60_000_000_000} min before the trace.", line.Id.ToString(), null, "change", change.Id));
            }
        }
    }

    private TraceEnd? EndOf(TraceId trace, SpanId span) => _ends.GetValueOrDefault(trace, []).Find(end => end.Span == span);

    private long? StartOf(TraceId trace, SpanId span) => EndOf(trace, span)?.StartUnixNano ?? (_lines.TryGetValue(trace, out TraceLine? line) ? line.StartUnixNano : null);

    private string LabelOf(TraceId trace, SpanId span) => EndOf(trace, span)?.Label ?? (_lines.TryGetValue(trace, out TraceLine? line) ? $"a span of {line.RootService} {line.RootName}" : $"trace {trace}");

    private static string TraceNode(TraceId trace) => $"trace:{trace}";
    private static string GroupNode(TraceId trace, int group) => $"spans:{trace}:{group}";
    private static string BusinessNode(string key, string value) => $"business:{key}={value}";
    private static TraceId ParseTrace(string text) => TraceId.TryParse(text, out TraceId id) ? id : default;
    private static SpanId ParseSpan(string text) => SpanId.TryParse(text, out SpanId id) ? id : default;
    private static string Text(long unixNano) => ((ulong)unixNano).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
