using System.Globalization;
using System.Text;

namespace Waybill.Web;

/// <summary>Adds metrics to the page that Prometheus reads. Registered as a service by each room that has some.</summary>
public delegate void MetricSource(PrometheusText text);

/// <summary>Writes the Prometheus text format 0.0.4.</summary>
public sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(16 * 1024);
    private string _name = "";

    public override string ToString() => _text.ToString();

    /// <summary>Begins a counter; its name ends in <c>_total</c>.</summary>
    public PrometheusText Counter(string name, string help) => Family(name, "counter", help);

    public PrometheusText Gauge(string name, string help) => Family(name, "gauge", help);

    public PrometheusText Histogram(string name, string help) => Family(name, "histogram", help);

    /// <summary>Writes a sample of the metric that was begun last.</summary>
    public PrometheusText Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels) => Sample("", value, labels);

    /// <summary>Writes a sample of the metric that was begun last, under its name and <paramref name="suffix"/> (<c>_bucket</c>, <c>_sum</c>, <c>_count</c>).</summary>
    public PrometheusText Sample(string suffix, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name).Append(suffix);
        for (int i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            _text.Append(labels[i].Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }
        if (labels.Length > 0) _text.Append('}');
        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        return this;
    }

    private PrometheusText Family(string name, string type, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }
}
