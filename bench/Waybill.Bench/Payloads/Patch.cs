namespace Waybill.Payloads;

internal enum PatchKind : byte { TraceId, SpanId, Time, Uuid, User, Order, Product }

/// <summary>A fixed-size field of a template that differs in every request.</summary>
/// <param name="Offset">Bytes from the start of the body.</param>
/// <param name="Index">The trace in the request; for <see cref="PatchKind.SpanId"/> the span in the request.</param>
/// <param name="Value">For <see cref="PatchKind.Time"/> nanoseconds after the trace's start; for <see cref="PatchKind.Uuid"/> what tells it from others.</param>
internal readonly record struct Patch(int Offset, PatchKind Kind, int Index, long Value);

/// <summary>Placeholders in the shop's paths and attribute values.</summary>
internal static class Marker
{
    public const string User = "<user>", Order = "<order>", Product = "<product>", Uuid = "<uuid>";

    /// <summary>Digits of a user number: 100,000 users.</summary>
    public const int UserDigits = 5;

    /// <summary>Digits of an order number: 900,000 orders.</summary>
    public const int OrderDigits = 6;

    /// <summary>Digits of a product number: 10,000 products.</summary>
    public const int ProductDigits = 4;

    private static readonly (string Name, PatchKind Kind, int Width)[] All =
    [
        (User, PatchKind.User, UserDigits), (Order, PatchKind.Order, OrderDigits),
        (Product, PatchKind.Product, ProductDigits), (Uuid, PatchKind.Uuid, 36),
    ];

    /// <summary>The text with every marker replaced by as many zeros as its value has characters, and where they are.</summary>
    public static (string Text, List<(int At, PatchKind Kind)> Places) Expand(string marked)
    {
        var places = new List<(int, PatchKind)>();
        for (int at = marked.IndexOf('<', StringComparison.Ordinal); at >= 0; at = marked.IndexOf('<', StringComparison.Ordinal))
        {
            int start = at;
            var (name, kind, width) = Array.Find(All, marker => marked.AsSpan(start).StartsWith(marker.Name, StringComparison.Ordinal));
            if (name is null) throw new FormatException($"'{marked}' has no known marker at character {at}.");
            places.Add((at, kind));
            marked = string.Concat(marked.AsSpan(0, at), new string('0', width), marked.AsSpan(at + name.Length));
        }
        return (marked, places);
    }
}
