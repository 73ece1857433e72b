using Waybill.Batches;

namespace Waybill.Metrics;

/// <summary>The metrics of one request as columns. Cleared and reused.</summary>
public sealed class MetricBatch
{
    public TextArena Text { get; } = new();
    public ResourceColumns Resources { get; } = new();
    public ScopeColumns Scopes { get; } = new();

    public void Clear()
    {
        Text.Clear();
        Resources.Clear();
        Scopes.Clear();
    }
}
