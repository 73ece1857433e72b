using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;
using Waybill.Api;
using Waybill.Options;
using Waybill.Query.Syntax;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill search '{ status = error }'</c>: traces with spans that match, newest first.</summary>
internal static class SearchCommand
{
    private const int PageMax = 200, LimitMax = 100_000, SeenMax = 100_000;

    /// <summary>Columns of a terminal from which the first matching span is shown too.</summary>
    private const int WidthWide = 150;
    private static readonly TimeSpan FollowPause = TimeSpan.FromSeconds(2);

    // What has just arrived may be stored out of order: every look goes back this far behind the last.
    private const long OverlapNano = 30_000_000_000;

    public static Command Create()
    {
        var query = QueryArgument.Create("{ resource.service.name = \"checkout\" && status = error }");
        var limit = LimitOption.Create("Traces to list.", 20, LimitMax);
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on, and list matching traces as they arrive. Ends with Ctrl-C." };
        var command = new Command("search", "Find traces with TraceQL, newest first. Conditions on a span stand in braces; >> && | count() > 2 and so on join them.")
        {
            query, limit, follow, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (QueryArgument.Read(parsed.GetRequiredValue(query)) is not { } read) return ExitCode.Usage;
            if (read is MetricsQuery) return QueryArgument.Wrong("This query gives series, not traces.", "waybill query");
            using var client = new ServerClient(parsed.Server());
            var search = new Search(client, parsed.GetRequiredValue(query), parsed.IsJson(), parsed.GetValue(follow));
            if (!parsed.GetValue(follow)) return await search.Once(parsed.GetValue(TimeRangeOptions.Since), parsed.GetValue(TimeRangeOptions.Until), parsed.GetValue(limit), cancel);
            return await search.Follow(parsed.GetValue(TimeRangeOptions.Since) ?? "1m", cancel);
        });
        return command;
    }

    private sealed class Search(ServerClient client, string query, bool asJson, bool follows)
    {
        private readonly IAnsiConsole _screen = Screen.Open();
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private bool _wrote;

        public async Task<int> Once(string? since, string? until, int limit, CancellationToken cancel)
        {
            using var progress = new ProgressLine();
            progress.Show("searching");
            string path = Path(since, until, Math.Min(limit, PageMax));
            var found = new List<JsonElement>();
            JsonElement last;
            while (true)
            {
                last = await Page(path, cancel);
                found.AddRange(last.Items("traces"));
                string cursor = last.Text("nextCursor");
                if (found.Count >= limit || cursor.Length == 0) break;
                string reached = found.Count == 0 ? "" : $", back to {Figures.Time(found[^1].Number("startUnixNano"))}";
                progress.Show($"{Figures.Count(found.Count, "trace")}{reached}");
                path = new UrlQuery("api/search").Add("q", query).Add("limit", Math.Min(limit - found.Count, PageMax).ToString(CultureInfo.InvariantCulture)).Add("cursor", cursor).ToString();
            }
            progress.Dispose();
            Write(found.Take(limit));
            if (found.Count == 0 && !asJson) _screen.WriteLine("No trace matches. Widen the time with --since 24h; 'waybill traces' lists what there is.");
            if (!asJson) Reasons.Write(_screen, last);
            return ExitCode.Done;
        }

        public async Task<int> Follow(string since, CancellationToken cancel)
        {
            try
            {
                while (true)
                {
                    JsonElement page = await Page(Path(since, null, PageMax), cancel);
                    Write(page.Items("traces").Where(trace => _seen.Add(trace.Text("traceId"))).Reverse());
                    if (_seen.Count > SeenMax) _seen.Clear();
                    since = (page.Number("untilUnixNano") - OverlapNano).ToString(CultureInfo.InvariantCulture);
                    await Task.Delay(FollowPause, cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return ExitCode.Done;
            }
        }

        private async Task<JsonElement> Page(string path, CancellationToken cancel)
        {
            using JsonDocument answer = await client.GetJson(path, cancel);
            return answer.RootElement.Clone();
        }

        private string Path(string? since, string? until, int limit) =>
            new UrlQuery("api/search").Add("q", query).Add("since", since).Add("until", until).Add("limit", limit.ToString(CultureInfo.InvariantCulture)).ToString();

        private void Write(IEnumerable<JsonElement> traces)
        {
            if (asJson)
            {
                foreach (JsonElement trace in traces) JsonOutput.WriteLine(trace);
                return;
            }
            bool wide = _screen.Profile.Width >= WidthWide;
            string[] always = ["START (UTC)", "TRACE", "ROOT", ">DURATION", ">ERRORS", ">MATCHED"];
            Table table = Screen.Table(wide ? [.. always, ">SPANS", "FIRST MATCH"] : always);
            if (follows)   // one table for all that is to come: a header once, and columns that stay where they are
            {
                table.ShowHeaders = !_wrote;
                foreach (var (column, width) in table.Columns.Zip([23, 32, NameWidth, 9, 6, 7, 6, NameWidth])) column.Width = width;
            }
            int count = 0;
            foreach (JsonElement trace in traces)
            {
                table.AddRow(wide ? [.. Cells(trace), Screen.Cell(Figures.Count(trace.Number("spanCount"))), FirstMatch(trace)] : Cells(trace));
                count++;
            }
            if (count == 0) return;
            _screen.WriteTable(table);
            _wrote = true;
        }

        // Times and ids stand in whole; what is left of the line is shared by the names.
        private int NameWidth => Math.Max(12, _screen.Profile.Width >= WidthWide ? (_screen.Profile.Width - 102) / 2 : _screen.Profile.Width - 93);

        private IRenderable[] Cells(JsonElement trace)
        {
            string root = trace.Text("rootService");
            long errors = trace.Number("errorCount");
            return
            [
                Screen.Cell(Figures.Time(trace.Number("startUnixNano")), Paint.Faint),
                Screen.Cell(trace.Text("traceId")),
                root.Length == 0 ? Screen.Cell(Visible.Cut("root not received", NameWidth), Paint.Doubt) : Named(root, trace.Text("rootName")),
                Screen.Cell(Figures.Duration(trace.Number("durationNano"))),
                Screen.Cell(errors == 0 ? "" : $"✗ {Figures.Count(errors)}", Paint.Error),
                Screen.Cell(Figures.Count(trace.Items("spanSets").Sum(set => set.Number("matched")))),
            ];
        }

        private IRenderable FirstMatch(JsonElement trace)
        {
            JsonElement first = trace.Items("spanSets").SelectMany(set => set.Items("spans")).FirstOrDefault();
            return first.ValueKind == JsonValueKind.Object ? Named(first.Text("service"), first.Text("name")) : Screen.Cell("");
        }

        private Paragraph Named(string service, string name)
        {
            string cut = Visible.Cut(Visible.Of(service), Math.Min(20, NameWidth));
            int left = NameWidth - Visible.Width(cut) - 1;
            return new Paragraph().Append(cut, Paint.Service(service)).Append(left > 0 ? $" {Visible.Cut(Visible.Of(name), left)}" : "");
        }
    }
}
