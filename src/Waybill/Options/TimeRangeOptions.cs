using System.CommandLine;

namespace Waybill.Options;

/// <summary><c>--since</c> and <c>--until</c>, passed to the server as they were typed; it says what is wrong with them.</summary>
internal static class TimeRangeOptions
{
    public static readonly Option<string?> Since = new("--since")
    {
        Description = "Begin: 15m, 1h, 7d ago, an RFC 3339 time, or Unix seconds. The server's default is the last hour.",
        HelpName = "TIME",
    };

    public static readonly Option<string?> Until = new("--until") { Description = "End, in the same forms. Default now.", HelpName = "TIME" };

    public static UrlQuery AddTimeRange(this UrlQuery query, ParseResult parsed) => query.Add("since", parsed.GetValue(Since)).Add("until", parsed.GetValue(Until));
}
