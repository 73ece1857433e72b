using System.Globalization;
using System.Text;

namespace Waybill.Query.Syntax;

public enum StaticType : byte { Nil, Bool, Int, Float, String, Duration, Status, Kind, Severity }

/// <summary>The number is OTLP's StatusCode.</summary>
public enum SpanStatus : byte { Unset, Ok, Error }

/// <summary>The number is OTLP's SpanKind.</summary>
public enum SpanKind : byte { Unspecified, Internal, Server, Client, Producer, Consumer }

/// <summary>The class of an OTLP SeverityNumber: 0 unspecified, 1-4 trace, 5-8 debug, 9-12 info, 13-16 warn, 17-20 error, 21-24 fatal.</summary>
public enum LogSeverity : byte { Unspecified, Trace, Debug, Info, Warn, Error, Fatal }

/// <summary>A value written in a query, with its type.</summary>
public readonly record struct Static
{
    private Static(StaticType type, long integer = 0, double real = 0, string? text = null) => (Type, Integer, Float, Text) = (type, integer, real, text);

    public StaticType Type { get; }

    /// <summary>Of Int; of Duration in nanoseconds; of Bool 0 or 1; of Status, Kind and Severity the number of the enum.</summary>
    public long Integer { get; }

    public double Float { get; }

    public string? Text { get; }

    public static Static Nil => default;
    public static Static Of(bool value) => new(StaticType.Bool, value ? 1 : 0);
    public static Static Of(long value) => new(StaticType.Int, value);
    public static Static Of(double value) => new(StaticType.Float, real: value);
    public static Static Of(string value) => new(StaticType.String, text: value);
    public static Static Of(SpanStatus value) => new(StaticType.Status, (long)value);
    public static Static Of(SpanKind value) => new(StaticType.Kind, (long)value);
    public static Static Of(LogSeverity value) => new(StaticType.Severity, (long)value);
    public static Static Duration(long nanoseconds) => new(StaticType.Duration, nanoseconds);

    /// <summary>Int, Float or Duration: they compare and calculate with each other.</summary>
    public bool IsNumeric => Type is StaticType.Int or StaticType.Float or StaticType.Duration;

    /// <summary>A numeric value as a number; durations in nanoseconds.</summary>
    public double Number => Type == StaticType.Float ? Float : Integer;

    /// <summary>The query language's text for it.</summary>
    public override string ToString() => Type switch
    {
        StaticType.Bool => Integer != 0 ? "true" : "false",
        StaticType.Int => Integer == long.MinValue ? "minInt" : Integer.ToString(CultureInfo.InvariantCulture),
        StaticType.Float => FloatText(Float),
        StaticType.String => Quoted(Text!),
        StaticType.Duration => DurationText(Integer),
        StaticType.Status => ((SpanStatus)Integer).ToString().ToLowerInvariant(),
        StaticType.Kind => ((SpanKind)Integer).ToString().ToLowerInvariant(),
        StaticType.Severity => ((LogSeverity)Integer).ToString().ToLowerInvariant(),
        _ => "nil",
    };

    private static string FloatText(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    private static string DurationText(long nanoseconds)
    {
        if (nanoseconds == 0) return "0s";
        var text = new StringBuilder();
        if (nanoseconds < 0) text.Append('-');
        ulong left = nanoseconds < 0 ? (ulong)-(nanoseconds + 1) + 1 : (ulong)nanoseconds;
        ReadOnlySpan<(string Unit, ulong Size)> units = [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];
        foreach (var (unit, size) in units)
        {
            if (left / size > 0) text.Append(left / size).Append(unit);
            left %= size;
        }
        return text.ToString();
    }

    /// <summary>A text in double quotes, escaped as the language reads it.</summary>
    internal static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c == '\n') quoted.Append("\\n");
            else if (c == '\r') quoted.Append("\\r");
            else if (c == '\t') quoted.Append("\\t");
            else if (c < ' ' || c == 0x7f) quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}
