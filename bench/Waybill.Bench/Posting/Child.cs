using System.Diagnostics;

namespace Waybill.Posting;

/// <summary>This program, started again as a child.</summary>
internal static class Child
{
    /// <summary>What the child wrote to its standard output.</summary>
    /// <exception cref="InvalidOperationException">The child failed; what it wrote to standard error has been passed on.</exception>
    public static async Task<string> Output(string[] arguments, CancellationToken cancel)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        try
        {
            string output = await child.StandardOutput.ReadToEndAsync(cancel);
            await child.WaitForExitAsync(cancel);
            return child.ExitCode == 0 ? output : throw new InvalidOperationException($"'{arguments[0]}' ended with exit code {child.ExitCode}.");
        }
        finally
        {
            if (!child.HasExited) child.Kill();
        }
    }
}
