using System.Globalization;
using System.Text.Json.Serialization;

namespace Waybill.Tempo;

/// <summary>OTLP's AnyValue in JSON: exactly one member is there.</summary>
internal sealed record TempoValue
{
    public string? StringValue { get; init; }
    public bool? BoolValue { get; init; }
    public string? IntValue { get; init; }
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] public double? DoubleValue { get; init; }
    public TempoValues? ArrayValue { get; init; }

    /// <summary>A value as the search answers it.</summary>
    public static TempoValue Of(object? value) => value switch
    {
        bool flag => new() { BoolValue = flag },
        long whole => new() { IntValue = whole.ToString(CultureInfo.InvariantCulture) },
        double real => new() { DoubleValue = real },
        object?[] items => new() { ArrayValue = new([.. items.Select(Of)]) },
        IReadOnlyDictionary<string, string> { Count: 1 } notFinite => new() { DoubleValue = double.Parse(notFinite.Values.Single(), CultureInfo.InvariantCulture) },
        _ => new() { StringValue = value as string ?? "nil" },
    };

    /// <summary>A duration as Go writes it: <c>1m30s</c>, <c>12.5ms</c>.</summary>
    public static TempoValue Duration(long nanoseconds) => new() { StringValue = DurationText(nanoseconds) };

    private static string DurationText(long nanoseconds)
    {
        if (nanoseconds == 0) return "0s";
        string sign = nanoseconds < 0 ? "-" : "";
        decimal length = Math.Abs((decimal)nanoseconds);
        if (length < 1_000) return $"{sign}{Number(length)}ns";
        if (length < 1_000_000) return $"{sign}{Number(length / 1_000)}µs";
        if (length < 1_000_000_000) return $"{sign}{Number(length / 1_000_000)}ms";
        long hours = (long)(length / 3_600_000_000_000), minutes = (long)(length / 60_000_000_000) % 60;
        decimal seconds = length % 60_000_000_000 / 1_000_000_000;
        return sign + (hours > 0 ? $"{hours}h{minutes}m" : minutes > 0 ? $"{minutes}m" : "") + $"{Number(seconds)}s";
    }

    private static string Number(decimal number) => number.ToString("0.#########", CultureInfo.InvariantCulture);
}

internal sealed record TempoValues(IReadOnlyList<TempoValue> Values);

internal sealed record TempoAttribute(string Key, TempoValue Value);
