namespace Waybill.Redaction;

/// <summary>A text and what in it is sensitive.</summary>
/// <param name="Key">The attribute's key; empty for free text.</param>
/// <param name="Kind">What stands there: a detector's name for what is sensitive, a name of its own for what only looks so.</param>
/// <param name="Start">Where the sensitive part begins; -1 when nothing is sensitive.</param>
public sealed record LabelledText(string Text, string Key, string Kind, int Start, int Length)
{
    public bool IsSensitive => Start >= 0;
}
