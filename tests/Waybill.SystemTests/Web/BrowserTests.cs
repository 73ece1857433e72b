using System.Diagnostics;

namespace Waybill.Web;

/// <summary>The console in a real browser: ui/e2e, run against a real server.</summary>
[Collection(nameof(Waybill.Processes.OneServerAtATime))]
public sealed class BrowserTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private static readonly string Chromium = Environment.GetEnvironmentVariable("WAYBILL_CHROMIUM") ?? "/usr/bin/chromium";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task Every_page_and_task_works_in_a_browser()
    {
        if (!File.Exists(Chromium)) Assert.Skip($"There is no browser at {Chromium}: apt-get install chromium, or name one by WAYBILL_CHROMIUM.");
        var start = new ProcessStartInfo("npm", ["run", "--silent", "e2e", "--workspace", "ui"])
        {
            WorkingDirectory = RepositoryRoot(), RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["WAYBILL_URL"] = server.Server.At.ApiUri.ToString(), ["WAYBILL_OTLP"] = server.Server.At.OtlpUri.ToString(), ["NO_COLOR"] = "1" },
        };
        using Process run = Process.Start(start)!;
        Task<string> output = run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), errors = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await run.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            run.Kill(entireProcessTree: true);
            Assert.Fail($"Not done within {Patience}.\n{await output}\n{await errors}");
        }
        Assert.True(run.ExitCode == 0, $"{await output}\n{await errors}");
    }

    private static string RepositoryRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Waybill.slnx"))) directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("Not inside the repository.");
    }
}
