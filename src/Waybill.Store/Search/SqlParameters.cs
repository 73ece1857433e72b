using System.Globalization;
using Waybill.Engine;

namespace Waybill.Search;

/// <summary>The values of one statement: each gets a name, and its placeholder stands in the text. The one way from a query's text into SQL.</summary>
public sealed class SqlParameters
{
    private readonly List<KeyValuePair<string, string>> _bound = [];
    private readonly Dictionary<(string Type, string Value), string> _placeholders = [];

    public IReadOnlyList<KeyValuePair<string, string>> Bound => _bound;

    public string Text(string value) => Add("String", EngineParameter.String("", value).Value);

    public string Int(long value) => Add("Int64", value.ToString(CultureInfo.InvariantCulture));

    public string Float(double value) => Add("Float64", EngineParameter.Double("", value).Value);

    public string Time(long unixNano) => Add("DateTime64(9, 'UTC')", EngineParameter.UnixNanoseconds("", unixNano).Value);

    public string Texts(IEnumerable<string> values) => Add("Array(String)", EngineParameter.Strings("", values).Value);

    // Names begin with p_: none is a column's, and none is one that a caller gives to a value of its own.
    private string Add(string type, string value)
    {
        if (_placeholders.TryGetValue((type, value), out string? placeholder)) return placeholder;
        string name = $"p_{_bound.Count}";
        _bound.Add(new(name, value));
        return _placeholders[(type, value)] = $"{{{name}:{type}}}";
    }
}
