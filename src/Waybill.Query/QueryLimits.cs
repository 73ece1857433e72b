namespace Waybill.Query;

/// <summary>Bounds on a query's text, so that reading any text costs little.</summary>
public sealed record QueryLimits
{
    public static readonly QueryLimits Default = new();

    /// <summary>Longest text, in UTF-16 units. Default 128 Ki, as Tempo's.</summary>
    public int LengthMax { get; init; } = 128 * 1024;

    /// <summary>Levels of the tree and of parentheses. Default 400: every visitor recurses, and half a megabyte of stack must do.</summary>
    public int DepthMax { get; init; } = 400;

    /// <summary>Nodes of the tree. Default 20,000; a query by hand has under 100, a generated list of ids a few thousand.</summary>
    public int NodesMax { get; init; } = 20_000;

    /// <summary>Instructions that the regular expressions of a query compile to, all together. Default 10,000.</summary>
    public int RegexSizeMax { get; init; } = 10_000;

    /// <summary>Attributes to group a metrics query by. Default 5, as the language says.</summary>
    public int GroupByMax { get; init; } = 5;

    /// <summary>Errors that are told at once. Default 20.</summary>
    public int DiagnosticsMax { get; init; } = 20;
}
