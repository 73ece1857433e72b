namespace Waybill.Query.Syntax;

/// <summary>Stages joined by <c>|</c>: each takes the spansets of a trace and gives spansets.</summary>
public sealed record Pipeline(NodeList<PipelineStage> Stages) : Node
{
    internal override int Height { get; } = Stages.Max(stage => stage.Height) + 1;
}

public abstract record PipelineStage : Node;

/// <summary>Chooses spans of a spanset.</summary>
public abstract record SpansetExpression : PipelineStage
{
    /// <summary>True when a pipeline in parentheses is among its operands; then every operand stands in parentheses, and no stage follows.</summary>
    internal virtual bool JoinsPipelines => false;
}

/// <summary><c>{ condition }</c>; without a condition every span.</summary>
public sealed record SpansetFilter(FieldExpression? Condition) : SpansetExpression
{
    internal override int Height { get; } = (Condition?.Height ?? 0) + 1;
}

/// <summary><c>left &amp;&amp; right</c> or <c>left || right</c>.</summary>
/// <param name="Operator">And, Or.</param>
public sealed record SpansetLogic(Operator Operator, SpansetExpression Left, SpansetExpression Right) : SpansetExpression
{
    internal override bool JoinsPipelines => Left.JoinsPipelines || Right.JoinsPipelines;

    internal override int Height { get; } = Math.Max(Left.Height, Right.Height) + 1;
}

/// <summary><c>left &gt;&gt; right</c> and its kin.</summary>
public sealed record StructuralOperation(Relation Relation, RelationForm Form, SpansetExpression Left, SpansetExpression Right) : SpansetExpression
{
    internal override bool JoinsPipelines => Left.JoinsPipelines || Right.JoinsPipelines;

    internal override int Height { get; } = Math.Max(Left.Height, Right.Height) + 1;
}

/// <summary>A pipeline of several stages in parentheses, as an operand: <c>({ } | count() &gt; 2) &amp;&amp; ({ status = error })</c>.</summary>
public sealed record SubPipeline(Pipeline Pipeline) : SpansetExpression
{
    internal override bool JoinsPipelines => true;

    internal override int Height { get; } = Pipeline.Height + 1;
}

/// <summary><c>count() &gt; 2</c>: keeps the spansets for which it is true.</summary>
/// <param name="Operator">A comparison.</param>
public sealed record ScalarFilter(ScalarExpression Left, Operator Operator, ScalarExpression Right) : PipelineStage
{
    internal override int Height { get; } = Math.Max(Left.Height, Right.Height) + 1;
}

/// <summary>Divides a spanset by the value of an expression.</summary>
public sealed record GroupBy(FieldExpression Key) : PipelineStage
{
    internal override int Height { get; } = Key.Height + 1;
}

/// <summary>Joins all spansets into one.</summary>
public sealed record Coalesce : PipelineStage;

/// <summary>Fields to show beside those that the query mentions.</summary>
public sealed record Select(NodeList<FieldReference> Fields) : PipelineStage;

/// <summary>One number for a spanset.</summary>
public abstract record ScalarExpression : Node;

public sealed record ScalarNumber(Static Value) : ScalarExpression;

public enum AggregateFunction : byte { Count, Min, Max, Avg, Sum }

/// <param name="Argument">Null for count() only.</param>
public sealed record Aggregate(AggregateFunction Function, FieldExpression? Argument) : ScalarExpression
{
    internal override int Height { get; } = (Argument?.Height ?? 0) + 1;
}

public sealed record ScalarArithmetic(Operator Operator, ScalarExpression Left, ScalarExpression Right) : ScalarExpression
{
    internal override int Height { get; } = Math.Max(Left.Height, Right.Height) + 1;
}

/// <summary><c>({ } | count())</c> as a number, to be compared with another. The checker refuses it as unsupported.</summary>
public sealed record PipelineScalar(Pipeline Pipeline, Aggregate Aggregate) : ScalarExpression
{
    internal override int Height { get; } = Math.Max(Pipeline.Height, Aggregate.Height) + 1;
}
