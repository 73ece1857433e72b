using System.Text.Json;

namespace Waybill.Changes;

/// <summary>One difference between what was and what is.</summary>
/// <param name="Path">The key (<c>pool.max</c>, <c>hosts[2]</c>), or the line's number; empty for a value as a whole.</param>
/// <param name="Op">added, removed or changed.</param>
public sealed record ChangedPart(string Path, string Op, string? Before, string? After)
{
    private const int CountMax = 500, DepthMax = 32, LinesMax = 500;

    /// <summary>Key by key when both are JSON, else line by line. At most 500 differences.</summary>
    /// <returns>Null when one side is missing: then everything would differ, which says nothing.</returns>
    public static (IReadOnlyList<ChangedPart> Differences, bool Truncated)? Between(string before, string after)
    {
        if (before.Length == 0 || after.Length == 0) return null;
        var found = new List<ChangedPart>();
        bool cut = false;
        if (TryParse(before, out JsonDocument? left) && TryParse(after, out JsonDocument? right))
            using (left) using (right) Compare("", left!.RootElement, right!.RootElement, 0, found);
        else if (!before.Contains('\n', StringComparison.Ordinal) && !after.Contains('\n', StringComparison.Ordinal))
        {
            if (before != after) found.Add(new("", "changed", before, after));
        }
        else cut = CompareLines(before.ReplaceLineEndings("\n").Split('\n'), after.ReplaceLineEndings("\n").Split('\n'), found);
        return (found.Take(CountMax).ToList(), cut || found.Count > CountMax);
    }

    private static bool TryParse(string text, out JsonDocument? document)
    {
        document = null;
        if (text.TrimStart() is not ['{' or '[', ..]) return false;
        try
        {
            document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DepthMax + 1 });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Compare(string path, JsonElement left, JsonElement right, int depth, List<ChangedPart> found)
    {
        if (found.Count > CountMax) return;
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty old in left.EnumerateObject())
            {
                string at = path.Length == 0 ? old.Name : $"{path}.{old.Name}";
                if (right.TryGetProperty(old.Name, out JsonElement now)) Compare(at, old.Value, now, depth + 1, found);
                else found.Add(new(at, "removed", Text(old.Value), null));
            }
            foreach (JsonProperty now in right.EnumerateObject())
                if (!left.TryGetProperty(now.Name, out _)) found.Add(new(path.Length == 0 ? now.Name : $"{path}.{now.Name}", "added", null, Text(now.Value)));
        }
        else if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array)
        {
            int common = Math.Min(left.GetArrayLength(), right.GetArrayLength()), place = 0;
            foreach (var (old, now) in left.EnumerateArray().Zip(right.EnumerateArray())) Compare($"{path}[{place++}]", old, now, depth + 1, found);
            foreach (JsonElement old in left.EnumerateArray().Skip(common)) found.Add(new($"{path}[{place++}]", "removed", Text(old), null));
            place = common;
            foreach (JsonElement now in right.EnumerateArray().Skip(common)) found.Add(new($"{path}[{place++}]", "added", null, Text(now)));
        }
        else if (!JsonElement.DeepEquals(left, right)) found.Add(new(path, "changed", Text(left), Text(right)));
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    // The longest common subsequence of what is left between the equal beginning and the equal end.
    private static bool CompareLines(ReadOnlySpan<string> left, ReadOnlySpan<string> right, List<ChangedPart> found)
    {
        int head = left.CommonPrefixLength(right), tail = 0;
        while (tail < Math.Min(left.Length, right.Length) - head && left[^(tail + 1)] == right[^(tail + 1)]) tail++;
        bool cut = Math.Max(left.Length, right.Length) - head - tail > LinesMax;
        left = left[head..Math.Min(left.Length - tail, head + LinesMax)];
        right = right[head..Math.Min(right.Length - tail, head + LinesMax)];

        int[,] common = new int[left.Length + 1, right.Length + 1];
        for (int i = left.Length - 1; i >= 0; i--)
            for (int j = right.Length - 1; j >= 0; j--)
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j]) (i, j) = (i + 1, j + 1);
            else if (i < left.Length && (j == right.Length || common[i + 1, j] >= common[i, j + 1])) found.Add(new($"line {head + ++i}", "removed", left[i - 1], null));
            else found.Add(new($"line {head + ++j}", "added", null, right[j - 1]));
        }
        return cut;
    }
}
