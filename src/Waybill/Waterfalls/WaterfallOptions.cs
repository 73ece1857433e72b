namespace Waybill.Waterfalls;

/// <summary>How a trace is drawn.</summary>
internal sealed record WaterfallOptions
{
    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 120;

    /// <summary>All log records and span events. Without it only warnings, errors and exceptions show.</summary>
    public bool Logs { get; init; }

    /// <summary>A line of attributes under each span.</summary>
    public bool Attributes { get; init; }

    /// <summary>Spans, folded runs counting as one; then a note says how many are left.</summary>
    public int RowsMax { get; init; } = 1000;

    public LayoutOptions Layout { get; init; } = new();
}
