using System.CommandLine;
using System.Globalization;
using Waybill.Options;
using Waybill.Query.Syntax;

namespace Waybill.Commands;

/// <summary><c>waybill query '{ } | rate() by(resource.service.name)'</c>: series over time from traces.</summary>
internal static class QueryCommand
{
    private const int SeriesMax = 1000;

    public static Command Create()
    {
        var query = QueryArgument.Create("{ status = error } | rate() by(resource.service.name)");
        var step = new Option<string?>("--step") { Description = "Time between two values: 15s, 5m. The server's default gives about 240 values.", HelpName = "DURATION" };
        var command = new Command("query", "Calculate series from traces with TraceQL metrics: rate(), quantile_over_time(duration, 0.99), compare(...). Rates and counts are weighted by sampling.")
        {
            query, step, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (QueryArgument.Read(parsed.GetRequiredValue(query)) is not { } read) return ExitCode.Usage;
            if (read is SearchQuery) return QueryArgument.Wrong("This query finds traces; series need a function behind it, such as | rate().", "waybill search");
            var path = new UrlQuery("api/query_range").Add("q", parsed.GetRequiredValue(query)).Add("step", parsed.GetValue(step)).Add("series", SeriesMax.ToString(CultureInfo.InvariantCulture)).Add("exemplars", "0").AddTimeRange(parsed);
            return await SeriesOutput.Show(parsed, path, "No span matches. Widen the time with --since 24h; 'waybill search' with the part before the pipe shows what there is.", cancel);
        });
        return command;
    }
}
