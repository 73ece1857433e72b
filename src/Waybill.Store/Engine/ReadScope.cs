using Waybill.Blocks;

namespace Waybill.Engine;

/// <summary>
/// What the statements of the running request may see, as conditions per table that the engine adds to each of them. It follows the request through all
/// that is awaited or started in it; what runs in the background has none, and sees everything.
/// </summary>
public static class ReadScope
{
    private static readonly AsyncLocal<string?> Filters = new();
    private static readonly AsyncLocal<FieldMask?> Masked = new();

    /// <summary>The value of <c>additional_table_filters</c>; null when nothing is limited.</summary>
    public static string? TableFilters
    {
        get => Filters.Value;
        set => Filters.Value = value;
    }

    /// <summary>Which attributes are not shown; null when all are.</summary>
    public static FieldMask? Mask
    {
        get => Masked.Value;
        set => Masked.Value = value;
    }
}
