using System.Globalization;
using System.Text;

namespace Waybill.Engine;

/// <summary>Values for <c>{name:Type}</c> in a statement, in the engine's TSV escaping. The engine binds them: no value becomes SQL text.</summary>
public static class EngineParameter
{
    /// <summary>For String, LowCardinality(String), UUID and every other type written as text.</summary>
    public static KeyValuePair<string, string> String(string name, string value)
    {
        var text = new StringBuilder(value.Length + 8);
        foreach (char c in value) Escape(text, c);
        return new(name, text.ToString());
    }

    /// <summary>For String and FixedString of any bytes, as trace ids.</summary>
    public static KeyValuePair<string, string> Bytes(string name, ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder(value.Length * 4);
        foreach (byte b in value) text.Append("\\x").Append(b.ToString("x2", CultureInfo.InvariantCulture));
        return new(name, text.ToString());
    }

    /// <summary>For Nullable types: NULL.</summary>
    public static KeyValuePair<string, string> Null(string name) => new(name, "\\N");

    public static KeyValuePair<string, string> Int(string name, long value) => new(name, value.ToString(CultureInfo.InvariantCulture));

    public static KeyValuePair<string, string> UInt(string name, ulong value) => new(name, value.ToString(CultureInfo.InvariantCulture));

    public static KeyValuePair<string, string> Bool(string name, bool value) => new(name, value ? "true" : "false");

    /// <summary>Also infinities and NaN, in ClickHouse's spelling.</summary>
    public static KeyValuePair<string, string> Double(string name, double value) => new(name,
        double.IsNaN(value) ? "nan" : double.IsInfinity(value) ? (value > 0 ? "inf" : "-inf") : value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>For DateTime64(9): nanoseconds since 1970 UTC.</summary>
    public static KeyValuePair<string, string> UnixNanoseconds(string name, long value)
    {
        var (seconds, nanoseconds) = Math.DivRem(value, 1_000_000_000L);
        string sign = value < 0 ? "-" : "";
        return new(name, string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(seconds)}.{Math.Abs(nanoseconds):D9}"));
    }

    /// <summary>For Array(String).</summary>
    public static KeyValuePair<string, string> Strings(string name, IEnumerable<string> values)
    {
        var text = new StringBuilder("[");
        foreach (string value in values)
        {
            text.Append(text.Length == 1 ? "'" : ",'");
            foreach (char c in value) Escape(text, c);
            text.Append('\'');
        }

        return new(name, text.Append(']').ToString());
    }

    /// <summary>For Array(Int64) and the other arrays of whole numbers.</summary>
    public static KeyValuePair<string, string> Ints(string name, IEnumerable<long> values) => new(name, $"[{string.Join(',', values.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]");

    /// <summary>For Array(UInt64).</summary>
    public static KeyValuePair<string, string> UInts(string name, IEnumerable<ulong> values) => new(name, $"[{string.Join(',', values.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]");

    // TSV: backslash, tab, newline, carriage return and NUL escaped; the quote for arrays, harmless elsewhere.
    private static void Escape(StringBuilder text, char c)
    {
        switch (c)
        {
            case '\\': text.Append("\\\\"); break;
            case '\'': text.Append("\\'"); break;
            case '\t': text.Append("\\t"); break;
            case '\n': text.Append("\\n"); break;
            case '\r': text.Append("\\r"); break;
            case '\b': text.Append("\\b"); break;
            case '\f': text.Append("\\f"); break;
            case '\0': text.Append("\\0"); break;
            default: text.Append(c); break;
        }
    }
}
