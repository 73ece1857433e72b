using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>What a field of a span is: one value, or several where it is an array or a field of the span's events or links. A missing one is null.</summary>
public sealed record Value(NodeList<Static> Items, bool IsArray)
{
    public static Value Of(Static value) => new([value], false);

    public static Value Array(params ReadOnlySpan<Static> values) => new(NodeList.Create(values), true);

    /// <summary>The one value, or the first of several: what an aggregate or a group takes of an array.</summary>
    public Static First => Items.Count > 0 ? Items[0] : Static.Nil;

    public bool IsTrue => this is { IsArray: false, First: { Type: StaticType.Bool, Integer: 1 } };

    public override string ToString() => IsArray ? $"[{string.Join(", ", Items)}]" : First.ToString();
}
