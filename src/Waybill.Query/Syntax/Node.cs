namespace Waybill.Query.Syntax;

/// <summary>A stretch of the query's text, in UTF-16 units.</summary>
public readonly record struct TextSpan(int Start, int Length)
{
    public int End => Start + Length;

    public TextSpan To(TextSpan other) => new(Start, Math.Max(End, other.End) - Start);
}

/// <summary>A part of a query. Immutable. Two nodes are equal when they say the same, wherever in a text they stand.</summary>
public abstract record Node
{
    /// <summary>Where it stands in the text; not a part of what it says.</summary>
    public TextSpan At { get; init; }

    /// <summary>Levels of the tree below and with this node. Bounded by <see cref="QueryLimits.DepthMax"/>, so a visitor may recurse.</summary>
    internal virtual int Height => 1;

    public virtual bool Equals(Node? other) => other is not null && EqualityContract == other.EqualityContract;

    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The query language's text for it.</summary>
    public sealed override string ToString() => Printer.Print(this);
}
