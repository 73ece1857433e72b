using System.Globalization;
using Waybill.Blocks;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>Reads the labels that <see cref="LabelSql"/> writes.</summary>
internal static class LabelReading
{
    public static Static Read(LabelForm form, BlockColumn column, int row) => form switch
    {
        LabelForm.Text => Static.Of(column.GetString(row)),
        LabelForm.TextOrNothing => column.GetString(row) is { Length: > 0 } text ? Static.Of(text) : Static.Nil,
        LabelForm.IntOrNothing => column.GetInt64(row) is not 0 and var number ? Static.Of(number) : Static.Nil,
        LabelForm.Status => Static.Of((SpanStatus)column.GetInt64(row)),
        LabelForm.Kind => Static.Of((SpanKind)column.GetInt64(row)),
        _ => Typed(column.GetString(row)),
    };

    private static Static Typed(string text) => text.Length < 2 ? Static.Nil : text[0] switch
    {
        's' => Static.Of(text[2..]),
        'i' => Static.Of(long.Parse(text.AsSpan(2), CultureInfo.InvariantCulture)),
        'd' => Static.Of(double.Parse(text.AsSpan(2), CultureInfo.InvariantCulture)),
        'b' => Static.Of(text[2..] == "true"),
        _ => Static.Nil,
    };
}
