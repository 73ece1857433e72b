using System.Globalization;
using System.Text.Json;

namespace Waybill.Engine;

/// <summary>What a statement read, wrote and answered, from <c>X-ClickHouse-Summary</c>; of a long answer, as of its first bytes.</summary>
public sealed record EngineSummary(long ReadRows, long ReadBytes, long WrittenRows, long WrittenBytes, long ResultRows, long ResultBytes)
{
    public static readonly EngineSummary Empty = new(0, 0, 0, 0, 0, 0);

    /// <summary>Reads the header; what is missing or no number is 0, since a summary is no reason to fail.</summary>
    internal static EngineSummary Parse(string? header)
    {
        if (string.IsNullOrEmpty(header)) return Empty;
        try
        {
            using var json = JsonDocument.Parse(header);
            var root = json.RootElement;
            return root.ValueKind != JsonValueKind.Object ? Empty
                : new(Read(root, "read_rows"), Read(root, "read_bytes"), Read(root, "written_rows"), Read(root, "written_bytes"), Read(root, "result_rows"), Read(root, "result_bytes"));
        }
        catch (JsonException)
        {
            return Empty;
        }
    }

    private static long Read(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), CultureInfo.InvariantCulture, out long number) ? number : 0;
}

/// <summary>What an insert wrote. A repeated insert that was dropped for its token reports what it was given.</summary>
/// <param name="WrittenRows">Rows, those of materialized views included.</param>
public sealed record InsertSummary(long WrittenRows, long WrittenBytes);
