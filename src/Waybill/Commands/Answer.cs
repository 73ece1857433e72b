using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary>Asks the server one question and shows the answer: its JSON as it is, or what a person reads, and under it why it may not be the whole truth.</summary>
internal static class Answer
{
    /// <param name="write">Writes the answer for people.</param>
    public static async Task<int> Show(ParseResult parsed, UrlQuery question, Action<IAnsiConsole, JsonElement> write, CancellationToken cancel)
    {
        using var client = new ServerClient(parsed.Server());
        if (parsed.IsJson())
        {
            await using Stream body = await client.Get(question.ToString(), cancel);
            await JsonOutput.Copy(body, cancel);
            return ExitCode.Done;
        }
        using JsonDocument answer = await client.GetJson(question.ToString(), cancel);
        var screen = Screen.Open();
        write(screen, answer.RootElement);
        Reasons.Write(screen, answer.RootElement);
        return ExitCode.Done;
    }
}
