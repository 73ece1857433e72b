using System.Text.Json;
using Waybill.Api;
using Waybill.Terminal;

namespace Waybill.Doctor;

/// <summary>Whether a server answers, can be read from, and keeps up. The first finding says whether it answers.</summary>
internal static class ServerCheck
{
    private const double LagSecondsMax = 10;

    public static async Task<IReadOnlyList<Finding>> Examine(Uri server, CancellationToken cancel)
    {
        using var client = new ServerClient(server);
        JsonDocument status;
        try
        {
            status = await client.GetJson("api/status", cancel);
        }
        catch (CommandFailure failure)
        {
            return [Finding.Warn("server", failure.Message.Split(" Start one")[0], "start it with 'waybill serve', or name another with --server URL")];
        }
        using (status)
        {
            List<Finding> findings = [Finding.Ok("server", $"answers at {server}")];
            JsonElement root = status.RootElement;
            string mine = typeof(ServerCheck).Assembly.GetName().Version!.ToString(3);
            string its = root.Text("version");
            if (its.Length > 0 && !its.StartsWith(mine, StringComparison.Ordinal))
                findings.Add(Finding.Warn("server", $"is version {its}, this program {mine}", "use the same version of both"));
            if (root.TryGetProperty("engine", out JsonElement engine) && engine.Text("missing") is { Length: > 0 } missing)
                findings.Add(Finding.Warn("server", $"cannot be read from yet: {missing}", "wait some seconds; if it stays so, see the server's log"));
            if (root.TryGetProperty("spool", out JsonElement spool))
            {
                if (spool.Text("refusal") is { Length: > 0 } refusal) findings.Add(Finding.Fail("server", $"takes no telemetry: {refusal}", "free space on its disk, or see the engine's last error in 'waybill status'"));
                double lag = spool.Real("lagSeconds");
                findings.Add(lag < LagSecondsMax ? Finding.Ok("server", "what arrived is searchable") : Finding.Warn("server", $"is {lag:0} s behind: what arrived is durable but not searchable yet", "see 'waybill status --watch'; it catches up when less arrives"));
            }
            long refused = root.Items("refused").Sum(count => count.Number("requests"));
            if (refused > 0) findings.Add(Finding.Warn("server", $"refused {Figures.Count(refused, "request")} since its start", "'waybill status' says whose, why, and the fix"));
            return findings;
        }
    }
}
