using System.Text;

namespace Waybill.Options;

/// <summary>The query of a request: escaped, and without what was not said.</summary>
internal sealed class UrlQuery(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _any;

    public UrlQuery Add(string name, string? value)
    {
        if (value is null) return this;
        _text.Append(_any ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _any = true;
        return this;
    }

    public override string ToString() => _text.ToString();
}
