namespace Waybill.Processes;

/// <summary>What /proc tells of a process; nothing once it is gone.</summary>
internal static class ProcFile
{
    public static string? CommandLine(int process) => Read(process, "cmdline")?.Replace('\0', ' ');

    public static bool IsChild(int process, int parent) => Status(process) is [_, var its, ..] && its == parent.ToString();

    /// <summary>Whether it is dying and may still hold its files and locks: the memory goes first and the command line with it, the last thread takes the files.</summary>
    public static bool IsEnding(int process) => CommandLine(process) is "" && Status(process) is [var state, ..] && (state != "Z" || Threads(process) > 1);

    private static int Threads(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task").Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // 1234 (name, may hold spaces) S 1000 ...
    private static string[]? Status(int process) => Read(process, "stat") is { } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : null;

    /// <summary>Memory in RAM now (VmRSS), or at most so far (VmHWM), in bytes; 0 when the process is gone.</summary>
    public static long Memory(int process, string field = "VmRSS")
    {
        string? line = Read(process, "status")?.Split('\n').FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[(field.Length + 1)..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }

    /// <summary>Makes VmHWM start again from what is used now.</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static string? Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
