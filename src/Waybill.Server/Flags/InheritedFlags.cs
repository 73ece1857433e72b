using Waybill.Batches;
using Waybill.Traces;

namespace Waybill.Flags;

/// <summary>Which flag values each span of a trace ran under: those that it or its nearest ancestor saw. An SDK notes an evaluation once, on the span that asked.</summary>
public sealed class InheritedFlags
{
    private readonly Dictionary<string, int[]> _seenBy = [];   // flag -> row -> number of the evaluation, or -1

    /// <param name="evaluations">Oldest first; on one span the last one counts.</param>
    public InheritedFlags(StoredTrace trace, IReadOnlyList<FlagEvaluation> evaluations)
    {
        Evaluations = evaluations;
        var rowOf = new Dictionary<SpanId, int>();
        foreach (int row in trace.Tree.Order) rowOf.TryAdd(trace.Nodes[row].Id, row);
        for (int i = 0; i < evaluations.Count; i++)
        {
            if (!_seenBy.TryGetValue(evaluations[i].Key, out int[]? seen))
            {
                _seenBy[evaluations[i].Key] = seen = new int[trace.Nodes.Length];
                Array.Fill(seen, -1);
            }
            if (rowOf.TryGetValue(evaluations[i].Span, out int row)) seen[row] = i;
        }
        // In the order of a waterfall a parent stands before its children.
        foreach (int[] seen in _seenBy.Values)
            foreach (int row in trace.Tree.Order)
                if (seen[row] < 0 && trace.Tree.Parent[row] is >= 0 and var parent) seen[row] = seen[parent];
    }

    public IReadOnlyList<FlagEvaluation> Evaluations { get; }

    /// <summary>The evaluation that a span ran under; null when none reached it.</summary>
    public FlagEvaluation? At(string key, int row) => _seenBy.TryGetValue(key, out int[]? seen) && seen[row] >= 0 ? Evaluations[seen[row]] : null;

    /// <summary>The rows that ran under an evaluation, its own among them.</summary>
    public IEnumerable<int> RowsUnder(int evaluation)
    {
        int[] seen = _seenBy[Evaluations[evaluation].Key];
        for (int row = 0; row < seen.Length; row++)
            if (seen[row] == evaluation) yield return row;
    }
}
