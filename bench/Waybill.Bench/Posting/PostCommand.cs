using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Waybill.Payloads;

namespace Waybill.Posting;

/// <summary>What a poster process says when it is done.</summary>
/// <param name="StartedUnixMilliseconds">What the log's times count from.</param>
internal sealed record PostSummary(double Seconds, double CpuSeconds, double BytesPerSpan, long StartedUnixMilliseconds);

/// <summary><c>post</c>: the sender, in a process of its own so that its CPU time is not the server's.</summary>
internal static class PostCommand
{
    public static Command Create()
    {
        var plan = new Option<FileInfo>("--plan") { Required = true, Description = "Payload plan as JSON" };
        var log = new Option<FileInfo>("--log") { Required = true, Description = "Where to write one record per attempt" };
        var how = new Option<string>("--options") { Required = true, Description = "PostOptions as JSON" };
        var command = new Command("post", "Post a plan's requests over OTLP/HTTP (started by the other commands)") { plan, log, how };
        command.SetAction(async (parsed, cancel) =>
        {
            var payloads = new PayloadStream(JsonSerializer.Deserialize<PayloadPlan>(await File.ReadAllTextAsync(parsed.GetValue(plan)!.FullName, cancel))!);
            var options = JsonSerializer.Deserialize<PostOptions>(parsed.GetValue(how)!)!;
            var sent = new SendLog();
            var cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
            long started = Stopwatch.GetTimestamp(), unix = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            await new Poster(options, payloads, sent, TimeProvider.System).Run(cancel);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            sent.Save(parsed.GetValue(log)!.FullName);
            var cpu = Process.GetCurrentProcess().TotalProcessorTime - cpuBefore;
            Console.WriteLine(JsonSerializer.Serialize(new PostSummary(seconds, cpu.TotalSeconds, payloads.BytesPerSpan, unix)));
            return 0;
        });
        return command;
    }

    /// <summary>Runs a poster process to its end.</summary>
    public static async Task<(PostSummary Summary, Attempt[] Attempts)> Run(string planFile, string logFile, PostOptions options, CancellationToken cancel)
    {
        string answer = await Child.Output(["post", "--plan", planFile, "--log", logFile, "--options", JsonSerializer.Serialize(options)], cancel);
        return (JsonSerializer.Deserialize<PostSummary>(answer)!, SendLog.Load(logFile));
    }
}
