using Waybill.Engine;
using Waybill.Search;

namespace Waybill.Metrics;

/// <summary>What series are told apart by: an attribute of theirs, <c>resource.</c> and an attribute of who sends them, or <c>service</c>. Types do not count: 5 and "5" are one value.</summary>
internal readonly record struct SeriesKey(string Text)
{
    private const string Resource = "resource.";

    public const int LengthMax = 200;

    public bool IsOfResource => Text.StartsWith(Resource, StringComparison.Ordinal);

    /// <summary>Its value as text in a row of <see cref="SeriesSelection.Rows"/>; empty when the series has none.</summary>
    public string Sql(SqlParameters parameters) =>
        Text == "service" ? "service" : IsOfResource ? ValueIn("resource", Text[Resource.Length..], parameters) : ValueIn("attributes", Text, parameters);

    // Stored keys begin with the letter of their value's type and a colon.
    private static string ValueIn(string map, string key, SqlParameters parameters)
    {
        ReadScope.Mask?.Refuse(key);
        return $"arrayFirst((v, k) -> substring(k, 3) = {parameters.Text(key)}, mapValues({map}), mapKeys({map}))";
    }
}

/// <summary><c>key=value</c> or <c>key!=value</c>. An attribute that is absent is empty, as in Prometheus.</summary>
internal readonly record struct SeriesFilter(SeriesKey Key, string Value, bool IsNegated)
{
    public static bool TryParse(string text, out SeriesFilter filter)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        bool negated = equals > 0 && text[equals - 1] == '!';
        string key = equals < 0 ? "" : text[..(negated ? equals - 1 : equals)].Trim();
        filter = new(new SeriesKey(key), equals < 0 ? "" : text[(equals + 1)..], negated);
        return key.Length is > 0 and <= SeriesKey.LengthMax;
    }

    public string Sql(SqlParameters parameters) => $"{Key.Sql(parameters)} {(IsNegated ? "!=" : "=")} {parameters.Text(Value)}";
}
