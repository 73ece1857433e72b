using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

public readonly record struct Label(string Name, Static Value)
{
    public override string ToString() => $"{Name}={Value}";
}

/// <summary>One line of a metrics answer.</summary>
/// <param name="Values">One for each stamp of the window; NaN where there is none.</param>
public sealed record Series(NodeList<Label> Labels, double[] Values)
{
    /// <summary>The label that names the function, where nothing else tells series apart.</summary>
    public const string NameLabel = "__name__";

    public bool IsEmpty => Array.TrueForAll(Values, double.IsNaN);

    public override string ToString() => $"{{{string.Join(", ", Labels)}}} {string.Join(' ', Values)}";
}
