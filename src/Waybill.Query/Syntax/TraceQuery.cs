namespace Waybill.Query.Syntax;

/// <summary>A whole query.</summary>
/// <param name="Hints">Of <c>with(name=value)</c>, in the order written.</param>
public abstract record TraceQuery(NodeList<Hint> Hints) : Node;

/// <summary>Finds spansets.</summary>
public sealed record SearchQuery(Pipeline Pipeline, NodeList<Hint> Hints) : TraceQuery(Hints)
{
    internal override int Height => Pipeline.Height + 1;
}

/// <summary>Gives series.</summary>
public sealed record MetricsQuery(MetricsExpression Metrics, NodeList<Hint> Hints) : TraceQuery(Hints)
{
    internal override int Height => Metrics.Height + 1;
}

public sealed record Hint(string Name, Static Value) : Node;
