using Waybill.Digests;

namespace Waybill.Graph;

/// <summary>A business id that spans of a trace carry. Counts stored spans.</summary>
public sealed record BusinessId(string Key, string Value, int SpanCount);

internal static class BusinessIds
{
    public const string MessageKey = "messaging.message.id";

    /// <summary>The business ids of some spans, the most frequent first.</summary>
    public static List<BusinessId> Of(IEnumerable<SpanView> spans, AliasKeys keys, int limit)
    {
        HashSet<string> wanted = [.. keys.Keys];
        return [.. spans.SelectMany(span => span.Attributes().Where(attribute => attribute.TypedKey.Length > 2 && wanted.Contains(attribute.TypedKey[2..])))
            .SelectMany(attribute => AliasValue.Of(attribute.TypedKey[0], attribute.Value).Select(value => (Key: attribute.TypedKey[2..], Value: value)))
            .GroupBy(id => id).Select(id => new BusinessId(id.Key.Key, id.Key.Value, id.Count()))
            .OrderByDescending(id => id.SpanCount).ThenBy(id => id.Key, StringComparer.Ordinal).ThenBy(id => id.Value, StringComparer.Ordinal).Take(limit)];
    }
}
