namespace Waybill.Query.Syntax;

/// <summary>What stands in <c>{ }</c>, <c>by( )</c> and aggregates: a value of one span, or of one log record.</summary>
public abstract record FieldExpression : Node;

public sealed record Literal(Static Value) : FieldExpression;

public sealed record UnaryExpression(UnaryOperator Operator, FieldExpression Operand) : FieldExpression
{
    internal override int Height { get; } = Operand.Height + 1;
}

public sealed record BinaryExpression(Operator Operator, FieldExpression Left, FieldExpression Right) : FieldExpression
{
    internal override int Height { get; } = Math.Max(Left.Height, Right.Height) + 1;
}

/// <summary>A named value: an intrinsic or an attribute.</summary>
public abstract record FieldReference : FieldExpression;

public sealed record IntrinsicReference(Intrinsic Intrinsic) : FieldReference;

/// <param name="OfParent"><c>parent.</c> stood before it. The checker refuses it as unsupported.</param>
public sealed record AttributeReference(AttributeScope Scope, string Name, bool OfParent = false) : FieldReference;

/// <summary>Where an attribute is looked for.</summary>
public enum AttributeScope : byte
{
    /// <summary><c>.name</c>: the first of span, resource, event, link, instrumentation that has it. In a log query: log, resource, instrumentation.</summary>
    Any,
    Span, Resource, Event, Link, Instrumentation,

    /// <summary><c>log.name</c>, in log queries only.</summary>
    Log,
}
