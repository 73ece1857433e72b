using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>The parameters that every <see cref="SpanSelection"/> needs.</summary>
public static class SelectionParameters
{
    public static IEnumerable<KeyValuePair<string, string>> Of(string tenant, TimeRange range) =>
    [
        EngineParameter.String("tenant", tenant),
        EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
        EngineParameter.UnixNanoseconds("reach_since", Math.Max(0, range.SinceUnixNano - SpanSelection.ReachNano)), EngineParameter.UnixNanoseconds("reach_until", range.UntilUnixNano + SpanSelection.ReachNano),
    ];
}
