namespace Waybill.Graph;

/// <summary>The attributes whose values are other names of a trace: whoever knows one of them finds the trace.</summary>
public sealed class AliasKeys
{
    // A value may come as a string, a whole number, or (headers) an array of strings.
    private const string Types = "sij";

    /// <param name="keys">Attribute names.</param>
    public AliasKeys(IEnumerable<string> keys)
    {
        Keys = [.. keys.Distinct(StringComparer.Ordinal)];
        TypedKeys = [.. Keys.SelectMany(key => Types.Select(type => $"{type}:{key}"))];
    }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>Every key under every type its value may have, as attribute maps write them.</summary>
    public IReadOnlyList<string> TypedKeys { get; }

    /// <summary>The key that a typed key belongs to.</summary>
    public static int KeyOf(int typedKey) => typedKey / Types.Length;
}
