using Waybill.Measuring;

namespace Waybill.Ingest;

/// <summary>A load's figures for people, and as one row of a Markdown table.</summary>
internal static class IngestReport
{
    private const long Mebibyte = 1024 * 1024;

    private const string Header =
        """
        | Server | Spans | Connections | Spans/s until acknowledged | Spans per CPU-s all in | CPU-s acknowledged / all in | Ack p50 / p90 / p99 / max ms | B/span engine / active / all | Peak MiB PSS / RSS | Body B/span | Machine |
        |---|---|---|---|---|---|---|---|---|---|---|
        """;

    public static void Print(string name, LoadOptions options, LoadResult result)
    {
        var ack = result.AckMilliseconds;
        Console.WriteLine($"""
            {name} on {Machine.Describe()}
            sent           {result.Sent:N0} spans in requests of {options.SpansPerRequest}, {result.Post.BytesPerSpan:F0} B/span as OTLP, {options.Connections} connections{(options.Gzip ? ", gzip" : "")}
            acknowledged   {result.Acknowledged:N0} spans in {result.Post.Seconds:F1} s: {result.SpansPerSecond:N0} spans/s
            answers        {result.Refusals:N0} refused and sent again, {result.Flaws} wrong, {result.Unknown} without an answer
            ack            p50 {ack.P50:F1}  p90 {ack.P90:F1}  p99 {ack.P99:F1}  max {ack.Max:F1} ms
            CPU            {result.CpuSecondsAtLastAck:F1} s to the last ack, {result.CpuSecondsAllIn:F1} s all in after {result.AllInSeconds:F0} s: {result.SpansPerCpuSecond:N0} spans per CPU-s{(result.Settled ? "" : " (NOT SETTLED)")}
            disk           {Share(result.EngineBytes, result)} B/span engine, {Share(result.ActiveBytes, result)} in active parts, {Share(result.AllBytes, result)} all
            peak memory    {result.PeakProportionalBytes / Mebibyte:N0} MiB PSS, {result.PeakResidentBytes / Mebibyte:N0} MiB RSS, all processes together
            poster         {result.Post.CpuSeconds:F1} CPU-s of its own
            """);
    }

    public static void Append(string file, string name, LoadOptions options, LoadResult result)
    {
        var ack = result.AckMilliseconds;
        if (!File.Exists(file)) File.WriteAllText(file, $"# Ingest\n\nWhat the columns mean: ../README.md\n\n{Header}\n");
        File.AppendAllText(file,
            $"| {name} | {result.Acknowledged:N0} | {options.Connections}{(options.Gzip ? ", gzip" : "")} | {result.SpansPerSecond:N0} | {result.SpansPerCpuSecond:N0}{(result.Settled ? "" : " (not settled)")} " +
            $"| {result.CpuSecondsAtLastAck:F1} / {result.CpuSecondsAllIn:F1} | {ack.P50:F1} / {ack.P90:F1} / {ack.P99:F1} / {ack.Max:F1} " +
            $"| {Share(result.EngineBytes, result)} / {Share(result.ActiveBytes, result)} / {Share(result.AllBytes, result)} " +
            $"| {result.PeakProportionalBytes / Mebibyte:N0} / {result.PeakResidentBytes / Mebibyte:N0} | {result.Post.BytesPerSpan:F0} | {Machine.Describe()} |\n");
    }

    private static string Share(long? bytes, LoadResult result) => bytes is > 0 ? $"{(double)bytes / result.Acknowledged:F1}" : "-";
}
