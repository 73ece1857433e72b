using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Query.Syntax;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill query '{ } | rate() by(resource.service.name)'</c>: series over time from traces.</summary>
internal static class QueryCommand
{
    private const int SeriesMax = 1000, SparklineWidth = 40;

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
            var path = new UrlQuery("api/query_range").Add("q", parsed.GetRequiredValue(query)).Add("step", parsed.GetValue(step)).Add("series", SeriesMax.ToString(CultureInfo.InvariantCulture)).Add("exemplars", "0");
            TimeRangeOptions.AddTo(path, parsed);
            return await Show(parsed.Server(), path.ToString(), parsed.IsJson(), cancel);
        });
        return command;
    }

    private static async Task<int> Show(Uri server, string path, bool asJson, CancellationToken cancel)
    {
        using var client = new ServerClient(server);
        using var progress = new ProgressLine();
        progress.Show("calculating");
        using JsonDocument answer = await client.GetJson(path, cancel);
        progress.Dispose();
        string[] stamps = [.. answer.RootElement.Items("timestampsUnixNano").Select(JsonFields.ToText)];
        if (asJson)
        {
            foreach (JsonElement series in answer.RootElement.Items("series")) WriteLine(series, stamps);
            return ExitCode.Done;
        }
        var screen = Screen.Open();
        WriteTable(screen, answer.RootElement);
        Reasons.Write(screen, answer.RootElement);
        return ExitCode.Done;
    }

    /// <summary><c>{"labels":{...},"samples":[["1732270020000000000",1.5],...]}</c>; times without a value are left out.</summary>
    private static void WriteLine(JsonElement series, string[] stamps) => JsonOutput.WriteLine(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("labels");
        series.GetProperty("labels").WriteTo(json);
        json.WriteStartArray("samples");
        foreach (var (value, stamp) in series.Items("values").Zip(stamps))
        {
            if (value.ValueKind != JsonValueKind.Number) continue;
            json.WriteStartArray();
            json.WriteStringValue(stamp);
            value.WriteTo(json);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteTable(IAnsiConsole screen, JsonElement answer)
    {
        var table = Screen.Table("SERIES", "OVER TIME", ">LAST", ">MIN", ">MEAN", ">MAX");
        int count = 0;
        foreach (JsonElement series in answer.Items("series"))
        {
            double[] values = [.. series.Items("values").Select(value => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN)];
            double[] present = [.. values.Where(value => !double.IsNaN(value))];
            if (present.Length == 0) continue;
            string labels = string.Join(", ", series.Members("labels").Select(label => $"{label.Name}={label.Value.ToText()}"));
            table.AddRow(Screen.Cell(Visible.Cut(Visible.Of(labels), 60)), Screen.Cell(Sparkline.Of(values, SparklineWidth)), Number(present[^1]), Number(present.Min()), Number(present.Average()), Number(present.Max()));
            count++;
        }
        if (count == 0)
        {
            screen.WriteLine("No span matches. Widen the time with --since 24h; 'waybill search' with the part before the pipe shows what there is.");
            return;
        }
        screen.WriteTable(table);
        screen.WriteLine($"{Figures.Count(count, "series", "series")} from {Figures.Time(answer.Number("sinceUnixNano"))} to {Figures.Time(answer.Number("untilUnixNano"))} UTC, a value each {Figures.Duration(answer.Number("stepNano"))}");
    }

    private static Text Number(double value) => Screen.Cell(value.ToString("G4", CultureInfo.InvariantCulture));
}
