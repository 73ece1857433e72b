using System.Text;

namespace Waybill.Redaction;

/// <summary>
/// Looks at a stored text harder than ingest does: as it is, percent-decoded, with JSON's escapes taken out, and inside what looks like base64. It asks all
/// built-in detectors, also those that the rules have switched off, but for what a rule keeps on purpose.
/// </summary>
internal static class StrictScan
{
    private const int EncodedMin = 24;

    public static IEnumerable<FoundText> Find(in StoredText stored, RuleSet inForce)
    {
        var context = new TextContext(stored.Signal, stored.Service, stored.Key, stored.Carrier);
        var found = new List<FoundText>();
        foreach (string text in Readings(stored.Text)) found.AddRange(Redactor.Find(text, context, RuleSet.Default));
        if (found.Count == 0) return found;
        var kept = Kept(stored, context, inForce);
        return found.Where(one => !kept.Contains(one.Detector) && inForce.ActionOf(one.Detector.Info()) != RedactionAction.Keep);
    }

    private static HashSet<Detector> Kept(in StoredText stored, TextContext context, RuleSet inForce)
    {
        // What is kept by a rule for this key would be found by the defaults and is not found by the rules in force, on the text as it is.
        var now = Redactor.Find(stored.Text, context, inForce).Select(one => one.Detector).ToHashSet();
        return [.. Redactor.Find(stored.Text, context, RuleSet.Default).Select(one => one.Detector).Where(detector => !now.Contains(detector))];
    }

    private static IEnumerable<string> Readings(string text)
    {
        yield return text;
        if (text.Contains('%') && Uri.UnescapeDataString(text) is var unescaped && unescaped != text) yield return unescaped;
        if (text.Contains("\\u", StringComparison.Ordinal)) yield return text.Replace("\\u0040", "@", StringComparison.OrdinalIgnoreCase).Replace("\\u003d", "=", StringComparison.OrdinalIgnoreCase).Replace("\\u0022", "\"", StringComparison.OrdinalIgnoreCase);
        foreach (string word in text.Split([' ', ',', ';', '"', '\'', '&', '\n'], 64, StringSplitOptions.RemoveEmptyEntries))
            if (Decode(word) is { } decoded) yield return decoded;
    }

    private static string? Decode(string word)
    {
        if (word.Length is < EncodedMin or > 64 * 1024) return null;
        byte[] bytes = new byte[word.Length];
        if (!Convert.TryFromBase64String(word.PadRight((word.Length + 3) / 4 * 4, '='), bytes, out int length) || length == 0) return null;
        var decoded = bytes.AsSpan(0, length);
        // Random bytes are no text.
        return decoded.ContainsAnyInRange((byte)0, (byte)8) || !System.Text.Unicode.Utf8.IsValid(decoded) ? null : Encoding.UTF8.GetString(decoded);
    }
}
