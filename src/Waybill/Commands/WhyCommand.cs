using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill why ANYTHING</c>: the causal story, in order, with its evidence.</summary>
internal static class WhyCommand
{
    private static readonly (string Part, string Title)[] Parts =
    [
        ("what_happened", "What happened"), ("what_led_to_it", "What led to it"), ("what_changed", "What changed before"), ("who", "Who did that"),
        ("what_else", "What else it hit"), ("what_next", "What to do next"), ("missing", "What was looked at"),
    ];

    public static Command Create()
    {
        var anything = new Argument<string[]>("anything")
        {
            Description = "A trace, span, order, session, request or message id, a commit, deployment, service, instance, exception, or words of a log record.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("why", "Tell why: what happened, what led to it, what changed before, who did that, what else it hit. Or why it is missing.") { anything, ServerOption.Value };
        command.SetAction((parsed, cancel) => Tell(string.Join(' ', parsed.GetRequiredValue(anything)), parsed.Server(), parsed.IsJson(), cancel));
        return command;
    }

    private static async Task<int> Tell(string anything, Uri server, bool json, CancellationToken cancel)
    {
        using var client = new ServerClient(server);
        string path = $"api/why/{Uri.EscapeDataString(anything)}?suspects=true";
        if (json)
        {
            await using Stream body = await client.Get(path, cancel);
            await JsonOutput.Copy(body, cancel);
            return ExitCode.Done;
        }
        using JsonDocument answer = await client.GetJson(path, cancel);
        var screen = Screen.Open();
        screen.Write(Lines(answer.RootElement, screen.Profile.Width));
        Reasons.Write(screen, answer.RootElement);
        return ExitCode.Done;
    }

    /// <summary>The story as lines: a heading a part, a bullet a step, its evidence beneath.</summary>
    public static IEnumerable<Line> Lines(JsonElement answer, int width)
    {
        foreach (Line line in Wrap(answer.Text("answer"), width, "", Paint.Strong)) yield return line;
        foreach ((string part, string title) in Parts)
        {
            JsonElement[] steps = [.. answer.Items("steps").Where(step => step.Text("part") == part)];
            if (steps.Length == 0) continue;
            yield return new Line(width);
            yield return new Line(width).Add(title, Paint.Faint);
            foreach (JsonElement step in steps)
            {
                (string mark, Style style) = step.Text("severity") switch { "error" => ("✗", Paint.Error), "warning" => ("!", Paint.Doubt), _ => ("·", Paint.Plain) };
                bool first = true;
                foreach (Line line in Wrap(step.Text("sentence"), width, "    ", style == Paint.Plain ? null : style, mark, style))
                {
                    first = false;
                    yield return line;
                }
                if (first) continue;
                foreach (JsonElement evidence in step.Items("evidence"))
                    if (Evidence(evidence, width) is { } line) yield return line;
            }
        }
    }

    private static Line? Evidence(JsonElement evidence, int width)
    {
        (string label, string value, string link) = (evidence.Text("label"), evidence.Text("value"), evidence.Text("link"));
        if (evidence.Text("kind") == "figure" && link.Length == 0) return null;   // it stands in the sentence
        return new Line(width).Add("      ").Add($"{label} ", Paint.Faint).Add(value.Length > 0 ? $"{value} " : null).Add(link, Paint.Faint);
    }

    private static IEnumerable<Line> Wrap(string text, int width, string indent, Style? style, string? mark = null, Style? markStyle = null)
    {
        string shown = Visible.Of(text);
        int room = Math.Max(20, width - indent.Length);
        for (bool first = true; first || shown.Length > 0; first = false)
        {
            int cut = shown.Length <= room ? shown.Length : shown.LastIndexOf(' ', room) is > 0 and var space ? space : room;
            var line = new Line(width);
            if (first && mark is not null) line.Add("  ").Add(mark, markStyle).To(indent.Length);
            else line.Add(indent);
            yield return line.Add(shown[..cut], style);
            shown = shown[cut..].TrimStart();
        }
    }
}
