using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Terminal;

namespace Waybill.Logs;

/// <summary>Writes log records: a line each, for people or as JSON.</summary>
internal sealed class LogLines(bool asJson)
{
    private const int WidthMax = 20_000, ServiceWidth = 14;   // a line may wrap: what is cut off cannot be searched for

    private readonly IAnsiConsole _screen = Screen.Open();

    public bool AreJson => asJson;

    public void Write(JsonElement record, bool isMatch = true)
    {
        if (asJson)
        {
            JsonOutput.WriteLine(record);
            return;
        }
        long severity = record.Number("severity");
        string service = Visible.Of(record.Text("service"));
        var line = new Line(WidthMax).Add(Figures.Time(record.Number("timeUnixNano")), Paint.Faint).Add(" ").Add(Name(severity), Colour(severity)).Add(" ")
            .Add(Visible.Fit(service.Length == 0 ? "-" : service, ServiceWidth), Paint.Service(service)).Add(" ").Add(Body(record), isMatch ? null : Paint.Faint);
        foreach (JsonProperty attribute in record.Members("attributes")) line.Add($"  {attribute.Name}={attribute.Value.ToText()}", Paint.Faint);
        if (record.Text("traceId") is { Length: > 0 } trace) line.Add($"  trace={trace}", Paint.Faint);
        _screen.Write([line]);
    }

    /// <summary>Between records that do not follow each other.</summary>
    public void WriteBreak()
    {
        if (!asJson) _screen.Write(new Text("--\n", Paint.Faint));
    }

    public void Say(string text)
    {
        if (!asJson) _screen.WriteLine(text);
    }

    public void WriteReasons(JsonElement answer)
    {
        if (!asJson) Commands.Reasons.Write(_screen, answer);
    }

    private static string Body(JsonElement record)
    {
        string body = record.Text("body"), name = record.Text("eventName");
        return name.Length == 0 ? body : body.Length == 0 ? name : $"{name}: {body}";
    }

    private static string Name(long severity) => severity switch
    {
        >= 21 => "FATAL", >= 17 => "ERROR", >= 13 => "WARN ", >= 9 => "INFO ", >= 5 => "DEBUG", >= 1 => "TRACE", _ => "-    ",
    };

    private static Style Colour(long severity) => severity >= 17 ? Paint.Error : severity >= 13 ? Paint.Doubt : Paint.Faint;
}
