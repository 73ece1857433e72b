using System.Globalization;
using System.Text.Json;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Logs;

/// <summary>Reads what is stored, page by page from the newest back, and shows it in the order it happened.</summary>
/// <param name="about">The question for a path of the API.</param>
internal sealed class LogSearch(ServerClient client, Func<string, UrlQuery> about, LogLines lines)
{
    private const int PageMax = 1_000;

    public async Task Show(string? since, string? until, int limit, int context, bool sayNothing, CancellationToken cancel)
    {
        using var progress = new ProgressLine();
        progress.Show("searching");
        var found = new List<JsonElement>();
        UrlQuery question = about("api/logs").Add("since", since).Add("until", until).Add("limit", Number(Math.Min(limit, PageMax)));
        JsonElement page;
        while (true)
        {
            page = await Get(question, cancel);
            found.AddRange(page.Items("logs"));
            string cursor = page.Text("nextCursor");
            if (found.Count >= limit || cursor.Length == 0) break;
            progress.Show($"{Figures.Count(found.Count, "record")}{(found.Count == 0 ? "" : $", back to {Figures.Time(found[^1].Number("timeUnixNano"))}")}");
            question = about("api/logs").Add("limit", Number(Math.Min(limit - found.Count, PageMax))).Add("cursor", cursor);
        }
        found.Reverse();
        progress.Dispose();
        if (context > 0) await WriteWithContext(found, context, cancel);
        else foreach (JsonElement record in found) lines.Write(record);
        if (found.Count == 0 && sayNothing) lines.Say("No log record matches. Widen the time with --since 24h, or see 'waybill status' for what arrives.");
        if (page.Text("nextCursor").Length > 0) lines.Say($"! There are more records before these {Figures.Count(found.Count)}: raise --limit, or narrow the time or the conditions.");
        else lines.WriteReasons(page);
    }

    private async Task WriteWithContext(List<JsonElement> found, int context, CancellationToken cancel)
    {
        var matches = found.Select(record => record.Text("id")).ToHashSet(StringComparer.Ordinal);
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement record in found)
        {
            if (written.Contains(record.Text("id"))) continue;
            if (written.Count > 0) lines.WriteBreak();
            JsonElement around = await Get(new UrlQuery("api/logs/context").Add("id", record.Text("id")).Add("before", Number(context)).Add("after", Number(context)), cancel);
            foreach (JsonElement one in around.Items("logs"))
                if (written.Add(one.Text("id"))) lines.Write(one, matches.Contains(one.Text("id")));
        }
    }

    private async Task<JsonElement> Get(UrlQuery question, CancellationToken cancel)
    {
        using JsonDocument answer = await client.GetJson(question.ToString(), cancel);
        return answer.RootElement.Clone();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
