using Waybill.Engine;
using Waybill.Spans;

namespace Waybill.Search;

/// <summary>Something that has attributes, as SQL sees it: a row of a table, or an element of a JSON array.</summary>
internal abstract class AttributeRow
{
    // x (bytes) and n (empty) are in a span's map too; the language has no values of these types.
    protected static readonly char[] Types = ['s', 'i', 'd', 'b', 'j'];

    /// <summary>The places where a value of this name may be. The one way from an attribute's name into SQL.</summary>
    /// <exception cref="Waybill.Blocks.MaskedFieldException">Who asks may not see it.</exception>
    public IEnumerable<StoredValue> Values(string name)
    {
        ReadScope.Mask?.Refuse(name);
        return Find(name);
    }

    protected abstract IEnumerable<StoredValue> Find(string name);

    /// <summary>Whether there is one.</summary>
    public Predicate Has(string name) => Predicate.Any(Values(name).Select(value => new Predicate(value.Has)));
}

/// <summary>A row of <c>spans</c>: its columns, and its map.</summary>
internal sealed class SpanRow(SqlParameters parameters, KnownKeys known) : AttributeRow
{
    /// <summary>The expression of the index <c>ix_attributes</c>, to the letter: else the engine does not use it.</summary>
    public const string HashedAttributes = "arrayMap((k, v) -> cityHash64(k, v), mapKeys(attributes), mapValues(attributes))";

    protected override IEnumerable<StoredValue> Find(string name)
    {
        // What a column cannot say stays in the map: '' and, of the status, what is no uint16. The catalog tells whether there is any.
        if (PromotedColumns.Strings.FirstOrDefault(promoted => promoted.Key == name) is { } column)
            yield return new('s', $"{column.Column} != ''", column.Column);
        if (name == PromotedColumns.StatusKey)
            yield return new('i', $"{PromotedColumns.StatusColumn} != 0", PromotedColumns.StatusColumn, IsNumber: true);
        foreach (char type in Types.Where(type => KnownKeys.Has(known.Span, $"{type}:{name}")))
        {
            string key = parameters.Text($"{type}:{name}");
            yield return new(type, $"mapContains(attributes, {key})", $"attributes[{key}]", Item: text => $"{key}, {text}");
        }
    }
}

/// <summary>A row of <c>resources</c> or <c>scopes</c>.</summary>
internal sealed class OriginRow(SqlParameters parameters, IReadOnlySet<string>? known) : AttributeRow
{
    protected override IEnumerable<StoredValue> Find(string name) => Types.Where(type => KnownKeys.Has(known, $"{type}:{name}")).Select(type =>
    {
        string key = parameters.Text($"{type}:{name}");
        return new StoredValue(type, $"mapContains(attributes, {key})", $"attributes[{key}]");
    });
}

/// <summary>An element of the JSON in <c>events</c> or <c>links</c>, as the lambda's argument <c>e</c>.</summary>
internal sealed class AttachmentRow(SqlParameters parameters, IReadOnlySet<string>? known) : AttributeRow
{
    protected override IEnumerable<StoredValue> Find(string name) => Types.Where(type => IsKnown($"{type}:{name}")).Select(type =>
    {
        string key = parameters.Text($"{type}:{name}");
        return new StoredValue(type, $"JSONHas(e, 'attributes', {key})", $"JSONExtractString(e, 'attributes', {key})");
    });

    // The catalog finds keys between quotes, so it has none that JSON escapes.
    private bool IsKnown(string typedKey) => typedKey.AsSpan().IndexOfAny('"', '\\') >= 0 || typedKey.Any(char.IsControl) || typedKey.Length > 60 || KnownKeys.Has(known, typedKey);
}
