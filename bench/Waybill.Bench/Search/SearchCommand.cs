using System.CommandLine;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Posting;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary><c>search</c>: how long TraceQL searches, metrics and completion take, and whether heavy ones disturb acknowledgements.</summary>
internal static class SearchCommand
{
    public static Command Create()
    {
        var asks = new AskArguments(requestsDefault: 50);
        var logs = new Option<long?>("--logs") { Description = "Log records to load beside the spans; half as many as spans by default" };
        var disturb = new Option<double>("--disturb-seconds") { DefaultValueFactory = _ => 20, Description = "Also measure acknowledgements for so long without and with ten heavy searches at a time; 0 does not" };
        var command = new Command("search", "Measure searches, metrics and completion, and what they do to acknowledgements") { logs, disturb };
        asks.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (run, started) = await asks.Start(parsed, cancel);
            await using ServerUnderTest server = started;
            if (!LogLoad.IsDone(run)) await LogLoad.Run(server, run, parsed.GetValue(logs) ?? asks.Load(parsed).Spans / 2, asks.Load(parsed).Window, cancel);

            using var http = new HttpClient { BaseAddress = server.Api, Timeout = TimeSpan.FromSeconds(60) };
            long end = await Asks.End(http, cancel);
            Console.WriteLine($"waybill on {Machine.Describe()}, {await StoredSpans.Count(http, server.Api!, cancel):N0} spans");
            var results = new List<(Question, Percentiles Wall, double CpuMilliseconds)>();
            foreach (Question question in Question.All) results.Add(await Asks.Measure(question, server, http, end, asks.Requests(parsed), cancel));
            if (asks.AppendTo(parsed) is { } file) await SearchReport.Append(file, "Searches", results, http, server.Api!, cancel);
            return parsed.GetValue(disturb) is > 0 and var seconds && !await Disturbance.Measure(server, run, http, end, seconds, cancel) ? 1 : 0;
        });
        return command;
    }
}
