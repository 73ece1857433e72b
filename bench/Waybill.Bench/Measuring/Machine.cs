using System.Diagnostics;

namespace Waybill.Measuring;

/// <summary>What a figure was measured on.</summary>
internal static class Machine
{
    /// <summary>Cores, CPU model, kernel and the commit of the code.</summary>
    public static string Describe()
    {
        string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown CPU";
        return $"{Environment.ProcessorCount} x {cpu}, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}, commit {Commit()}";
    }

    /// <summary>Bytes of disk a directory takes, as du counts them: blocks allocated, hard links once; 0 when it is not there.</summary>
    public static long DiskBytes(string directory) =>
        Directory.Exists(directory) && long.TryParse(Output("du", "--summarize", "--block-size=1", directory).Split('\t')[0], out long bytes) ? bytes : 0;

    /// <summary>Writes everything to disk and empties the page cache; needs root.</summary>
    public static void DropPageCache()
    {
        Output("sync");
        File.WriteAllText("/proc/sys/vm/drop_caches", "3");
    }

    private static string Commit()
    {
        string commit = Output("git", "-C", AppContext.BaseDirectory, "rev-parse", "--short=12", "HEAD").Trim();
        bool changed = Output("git", "-C", AppContext.BaseDirectory, "status", "--porcelain", "--untracked-files=no").Length > 0;
        return commit.Length == 0 ? "unknown" : changed ? commit + " with changes" : commit;
    }

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
