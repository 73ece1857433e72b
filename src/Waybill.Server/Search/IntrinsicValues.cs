using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>The intrinsics of the query language, as attributes to choose from, and the values of those that have few.</summary>
internal static class IntrinsicValues
{
    public static readonly IReadOnlyList<SeenAttribute> All = [.. Enum.GetValues<Intrinsic>()
        .Where(intrinsic => intrinsic is not Intrinsic.Parent and < Intrinsic.Body)
        .Select(intrinsic => new SeenAttribute("intrinsic", intrinsic.Text(), TypeOf(intrinsic.Type()), 0, 0, null))];

    private static readonly SeenValue[] Statuses = [.. Enum.GetValues<SpanStatus>().Select(status => new SeenValue(Static.Of(status).ToString(), "keyword", null))];
    private static readonly SeenValue[] Kinds = [.. Enum.GetValues<SpanKind>().Select(kind => new SeenValue(Static.Of(kind).ToString(), "keyword", null))];

    /// <summary>All values of a keyword; null when the intrinsic is none.</summary>
    public static IReadOnlyList<SeenValue>? Of(Intrinsic intrinsic) => intrinsic switch { Intrinsic.Status => Statuses, Intrinsic.Kind => Kinds, _ => null };

    private static string TypeOf(StaticType type) => type switch
    {
        StaticType.Duration => "duration", StaticType.Int => "int", StaticType.Status or StaticType.Kind => "keyword", _ => "string",
    };
}
