using System.Diagnostics;
using Waybill.Demo;

namespace Waybill.Doctor;

/// <summary>Whether the embedded engine's library is there and runs: opens it in a process of its own on an empty directory.</summary>
internal static class EngineCheck
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(60);

    public static async Task<Finding> Examine(CancellationToken cancel)
    {
        var library = new FileInfo(Path.Combine(AppContext.BaseDirectory, "libchdb.so"));
        if (!library.Exists)
            return Finding.Fail("engine", $"{library.FullName} is missing: the embedded engine exists for linux-x64 with glibc", "build again with Node on the PATH ('npm ci' fetches it), or use a ClickHouse server: waybill serve --store URL");
        string directory = Directory.CreateTempSubdirectory("waybill-doctor-").FullName;
        try
        {
            (string program, string[] before) = DemoServer.ThisProgram();
            string[] arguments = [.. before, "engine", "--data", Path.Combine(directory, "engine"), "--socket", Path.Combine(directory, "engine.sock"), "--self-test"];
            long began = TimeProvider.System.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
            Task<string> said = process.StandardOutput.ReadToEndAsync(cancel), complained = process.StandardError.ReadToEndAsync(cancel);
            try
            {
                await process.WaitForExitAsync(cancel).WaitAsync(TimeMax, cancel);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                process.Kill();
                cancel.ThrowIfCancellationRequested();
                return Finding.Fail("engine", $"its self-test did not end within {TimeMax.TotalSeconds:0} s", "is the machine overloaded? Try again; if it stays so, please report it");
            }
            await Task.WhenAll(said, complained);
            return process.ExitCode == 0
                ? Finding.Ok("engine", $"loads and passes its self-test in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s")
                : Finding.Fail("engine", $"self-test failed: {Terminal.Visible.Of(complained.Result.Trim())}", "if that does not say the fix, build again with 'dotnet build src/Waybill', or use a ClickHouse server: waybill serve --store URL");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
