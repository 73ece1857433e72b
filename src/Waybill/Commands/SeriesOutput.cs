using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary>Series over time: a line of JSON each for programs, a sparkline each for people.</summary>
internal static class SeriesOutput
{
    private const int SparklineWidth = 40, LabelsWidth = 60;

    /// <param name="nothing">What to do when there is no series.</param>
    public static async Task<int> Show(ParseResult parsed, UrlQuery question, string nothing, CancellationToken cancel)
    {
        using var client = new ServerClient(parsed.Server());
        using var progress = new ProgressLine();
        progress.Show("calculating");
        using JsonDocument answer = await client.GetJson(question.ToString(), cancel);
        progress.Dispose();
        string[] stamps = [.. answer.RootElement.Items("timestampsUnixNano").Select(JsonFields.ToText)];
        if (parsed.IsJson())
        {
            foreach (JsonElement series in answer.RootElement.Items("series")) WriteLine(series, stamps);
            return ExitCode.Done;
        }
        var screen = Screen.Open();
        WriteTable(screen, answer.RootElement, nothing);
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

    private static void WriteTable(IAnsiConsole screen, JsonElement answer, string nothing)
    {
        var table = Screen.Table("SERIES", "OVER TIME", ">LAST", ">MIN", ">MEAN", ">MAX");
        foreach (JsonElement series in answer.Items("series"))
        {
            double[] values = [.. series.Items("values").Select(value => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN)];
            double[] present = [.. values.Where(value => !double.IsNaN(value))];
            if (present.Length == 0) continue;
            string labels = string.Join(", ", series.Members("labels").Select(label => $"{label.Name}={label.Value.ToText()}"));
            table.AddRow(Screen.Cell(Visible.Cut(Visible.Of(labels.Length == 0 ? "all" : labels), LabelsWidth)), Screen.Cell(Sparkline.Of(values, SparklineWidth)), Number(present[^1]), Number(present.Min()), Number(present.Average()), Number(present.Max()));
        }
        if (table.Rows.Count == 0)
        {
            screen.WriteLine(nothing);
            return;
        }
        screen.WriteTable(table);
        string function = answer.Text("fn"), unit = answer.Text("unit") is "" or "1" ? "" : $" in {answer.Text("unit")}";
        string what = function.Length == 0 ? "" : $"{function} of {answer.Text("metric")}{unit}{(function == "rate" ? " per second" : "")}, ";
        screen.Write(new Text(Visible.Of($"{what}{Figures.Count(table.Rows.Count, "series", "series")} from {Figures.Time(answer.Number("sinceUnixNano"))} to {Figures.Time(answer.Number("untilUnixNano"))} UTC, a value each {Figures.Duration(answer.Number("stepNano"))}") + "\n"));
    }

    private static Text Number(double value) => Screen.Cell(value.ToString("G4", CultureInfo.InvariantCulture));
}
