using System.CommandLine;

namespace Waybill.Payloads;

/// <summary><c>payload</c>: writes request bodies to files, to look at or to send by hand.</summary>
internal static class PayloadCommand
{
    public static Command Create()
    {
        var directory = new Option<DirectoryInfo>("--out") { Required = true, Description = "Directory for request-N.bin, each an ExportTraceServiceRequest" };
        var count = new Option<int>("--requests") { DefaultValueFactory = _ => 1, Description = "How many" };
        var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 500, Description = "Spans in a request" };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 20_261_122, Description = "Other seeds give other ids and shapes" };
        var command = new Command("payload", "Write request bodies to files") { directory, count, batch, seed };
        command.SetAction(async (parsed, cancel) =>
        {
            int requests = parsed.GetValue(count);
            var payloads = new PayloadStream(PayloadPlan.Over(TimeSpan.FromMinutes(10), TimeProvider.System.GetUtcNow(), requests, parsed.GetValue(seed), 128, parsed.GetValue(batch)));
            byte[] body = new byte[payloads.BodyBytesMax];
            parsed.GetValue(directory)!.Create();
            for (int request = 0; request < requests; request++)
                await File.WriteAllBytesAsync(Path.Combine(parsed.GetValue(directory)!.FullName, $"request-{request}.bin"), body[..payloads.Write(request, body)], cancel);
            Console.WriteLine($"{requests} requests of {parsed.GetValue(batch)} spans, {payloads.BytesPerSpan:F0} B/span on average");
            return 0;
        });
        return command;
    }
}
