namespace Waybill.Search;

/// <summary>
/// Which typed keys (<c>s:user.id</c>) there are in the range, by where: of an attribute that has one type in one place, SQL looks for that one
/// and not for all that are possible. Null where it is not known, then every key is looked for.
/// </summary>
/// <param name="Span">In the map of spans; not what has a column of its own.</param>
public sealed record KnownKeys(IReadOnlySet<string>? Span, IReadOnlySet<string>? Resource, IReadOnlySet<string>? Event, IReadOnlySet<string>? Link, IReadOnlySet<string>? Instrumentation)
{
    public static readonly KnownKeys Unknown = new(null, null, null, null, null);

    internal static bool Has(IReadOnlySet<string>? keys, string typedKey) => keys is null || keys.Contains(typedKey);
}
