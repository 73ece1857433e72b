using Waybill.Measuring;
using Waybill.Posting;

namespace Waybill.Overload;

/// <summary>Prints what happened and judges it against the contract: nothing lost, every refusal retryable, memory bounded, back to normal in time.</summary>
internal static class OverloadReport
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>Below this share of the offered load the run says that less was sent.</summary>
    private const double SentShareMin = 0.9;

    private const string Header =
        """
        | Capacity spans/s | Sent spans/s | Acknowledged spans/s | Ack p50 / p99 ms | Baseline p50 ms | Recovered after s | Refusals | Refusals not retryable | Peak MiB PSS / RSS | Acknowledged and checked spans | Verdict | Machine |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        """;

    public static int? RecoveredAfter(OverloadResult result) => Recovery.Seconds(result.After.Attempts, result.BaselineMilliseconds * OverloadOptions.RecoveredFactor);

    /// <returns>What broke the contract; empty when it held.</returns>
    public static List<string> Judge(OverloadOptions options, OverloadResult result)
    {
        var broken = new List<string>();
        if (Flaws(result) is > 0 and var flaws) broken.Add($"{flaws:N0} answers make an exporter drop data, do not say when to come back, or reject valid spans");
        if (RecoveredAfter(result) is not { } after) broken.Add($"not recovered {OverloadOptions.ProbeSeconds:F0} s after the overload");
        else if (after > OverloadOptions.RecoverWithinSeconds) broken.Add($"recovered only after {after} s");
        if (result.PeakProportionalBytes > options.MemoryMax) broken.Add($"peak memory {result.PeakProportionalBytes / Mebibyte:N0} MiB is over {options.MemoryMax / Mebibyte:N0} MiB");
        if (!result.Settled) broken.Add("spool and merges did not settle");
        return broken;
    }

    public static void Print(OverloadOptions options, OverloadResult result)
    {
        var ack = new Percentiles(result.During.SelectMany(post => post.AckMilliseconds));
        Console.WriteLine($"""
            waybill on {Machine.Describe()}
            offered        {result.Capacity * options.Factor:N0} spans/s for {options.Seconds:F0} s ({options.Factor} times {result.Capacity:N0}); sent by raw posters {Sent(result):N0} spans/s{(Sent(result) < SentShareMin * options.Factor * result.Capacity ? " (the machine could send no more)" : "")}, acknowledged {Goodput(result):N0} spans/s
            raw answers    {Answers(result)}
            ack            p50 {ack.P50:F1}  p90 {ack.P90:F1}  p99 {ack.P99:F1}  max {ack.Max:F1} ms, baseline p50 {result.BaselineMilliseconds:F1} ms
            recovered      {(RecoveredAfter(result) is { } after ? $"{after} s after the overload" : "no")}
            CPU            {result.ServerCpuSeconds:F1} s of the server, {result.During.Sum(post => post.Summary.CpuSeconds):F1} s of raw posters
            peak memory    {result.PeakProportionalBytes / Mebibyte:N0} MiB PSS, {result.PeakResidentBytes / Mebibyte:N0} MiB RSS, all processes together
            """);
        foreach (var (how, sdk, _) in result.Sdk)
        {
            Console.WriteLine($"SDK {(how.Grpc ? "gRPC" : "HTTP")}       {sdk.Produced:N0} spans produced, {sdk.Acknowledged:N0} acknowledged, {sdk.Refused:N0} refused to the end, {sdk.Unknown:N0} in doubt, " +
                $"{sdk.Dropped:N0} dropped by the SDK's full queue; answers {string.Join(", ", sdk.Answers.Select(answer => $"{answer.Key}: {answer.Value:N0}"))}");
        }
    }

    public static void Append(string file, OverloadResult result, bool held)
    {
        var ack = new Percentiles(result.During.SelectMany(post => post.AckMilliseconds));
        if (!File.Exists(file)) File.WriteAllText(file, $"# Overload\n\nWhat the columns mean: ../README.md\n\n{Header}\n");
        File.AppendAllText(file,
            $"| {result.Capacity:N0} | {Sent(result):N0} | {Goodput(result):N0} | {ack.P50:F1} / {ack.P99:F1} | {result.BaselineMilliseconds:F1} | {RecoveredAfter(result)?.ToString() ?? "never"} " +
            $"| {result.During.Sum(post => post.Attempts.Count(attempt => !attempt.Acknowledged && !attempt.Unknown)):N0} raw | {Flaws(result):N0} " +
            $"| {result.PeakProportionalBytes / Mebibyte:N0} / {result.PeakResidentBytes / Mebibyte:N0} | {result.Acknowledged:N0} | {(held ? "held" : "broken")} | {Machine.Describe()} |\n");
    }

    private static double Sent(OverloadResult result) => result.During.Sum(post => post.Attempts.Length * post.Plan.SpansPerRequest / post.Summary.Seconds);

    private static double Goodput(OverloadResult result) => result.During.Sum(post => post.AcknowledgedSpans / post.Summary.Seconds);

    private static long Flaws(OverloadResult result) =>
        result.Posts.Sum(post => post.Attempts.LongCount(attempt => attempt.Flaw != AttemptFlaw.None)) + result.Sdk.Sum(sdk => sdk.Summary.Flaws.Values.Sum(count => (long)count));

    private static string Answers(OverloadResult result) => string.Join(", ", result.During.SelectMany(post => post.Attempts)
        .GroupBy(attempt => attempt.Status).OrderBy(group => group.Key).Select(group => $"{(group.Key == 0 ? "none" : group.Key)}: {group.Count():N0}"));
}
