using Waybill.Batches;

namespace Waybill.Graph;

/// <summary>What a graph is asked for.</summary>
/// <param name="Up">Steps towards causes.</param>
/// <param name="Down">Steps towards effects.</param>
/// <param name="Limit">Nodes at most.</param>
/// <param name="ExpandAll">Show the spans of every trace, not only of those asked for.</param>
public sealed record GraphQuestion(string Id, int Up, int Down, int Limit, bool ExpandAll);

/// <summary>The traces that a question names.</summary>
/// <param name="Kind">trace, span, business_id or message.</param>
internal sealed record GraphFocus(string Kind, IReadOnlyList<TraceId> Traces, SpanId? Span, IReadOnlyList<AliasedTrace> Aliases)
{
    /// <summary>Traces of one business id that are shown; a session or a batch may have thousands.</summary>
    private const int TracesMax = 200;

    /// <returns>Null when no trace answers to the id.</returns>
    public static async Task<GraphFocus?> Find(string tenant, string id, AliasTable aliases, AliasKeys keys, CancellationToken cancel)
    {
        string[] parts = id.Split(':', 2);
        if (TraceId.TryParse(parts[0], out TraceId trace) && !trace.IsZero)
        {
            if (parts.Length == 1 && parts[0].Length == 32) return new GraphFocus("trace", [trace], null, []);
            if (parts.Length == 2 && SpanId.TryParse(parts[1], out SpanId span)) return new GraphFocus("span", [trace], span, []);
        }
        int equals = id.IndexOf('=', StringComparison.Ordinal);
        string? key = equals > 0 && keys.Keys.Contains(id[..equals]) ? id[..equals] : null;
        string value = key is null ? id : id[(equals + 1)..];
        List<AliasedTrace> found = await aliases.Find(tenant, [value], key, TracesMax, cancel);
        if (found.Count > 0) return new GraphFocus(found.All(alias => alias.Key == BusinessIds.MessageKey) ? "message" : "business_id", [.. found.Select(alias => alias.Trace).Distinct()], null, found);
        return parts.Length == 1 && !trace.IsZero ? new GraphFocus("trace", [trace], null, []) : null;   // 16 digits: a 64-bit trace id
    }
}
