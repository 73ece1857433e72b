using System.Globalization;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>Values of the query language as JSON: durations in nanoseconds, kinds and states by name, and what JSON has no number for as all of the API writes it.</summary>
internal static class JsonValue
{
    public static object? Of(Value value) => value.IsArray ? value.Items.Select(Of).ToArray() : Of(value.First);

    public static object? Of(Static value) => value.Type switch
    {
        StaticType.Nil => null,
        StaticType.Bool => value.Integer != 0,
        StaticType.Int or StaticType.Duration => value.Integer,
        StaticType.Float => double.IsFinite(value.Float) ? value.Float : new Dictionary<string, string> { ["$double"] = value.Float.ToString(CultureInfo.InvariantCulture) },
        StaticType.String => value.Text,
        _ => value.ToString(),
    };
}
