using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Waybill.Spool;

/// <summary>Runs a writer under strace, to see the order of its system calls or to have some of them fail.</summary>
internal static partial class Strace
{
    /// <summary>Skips the test, saying why, where strace is missing or may not trace.</summary>
    public static void RequireOrSkip()
    {
        try
        {
            using Process probe = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            probe.WaitForExit();
            if (probe.ExitCode != 0) Assert.Skip($"strace cannot trace here: {probe.StandardError.ReadToEnd()}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.Skip($"strace is not installed: {missing.Message}");
        }
    }

    public static string[] Command(string log, string? inject = null) =>
        ["strace", "-f", "--seccomp-bpf", "-s", "32", "-o", log, "-e", "trace=openat,pwrite64,pwritev,fdatasync,fsync,write", "-e", "signal=none", .. inject is null ? (string[])[] : ["-e", $"inject={inject}"]];

    /// <summary>
    /// Reads a trace, and finds acknowledgements for which no fdatasync had completed that began after their record was written. All records are
    /// equally long, so it is enough to count: at no time more acknowledgements than records in the synced part of segments.
    /// </summary>
    // 4711 openat(AT_FDCWD, "/x/segments/01K....segment", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0666) = 57
    // 4711 pwritev(57, [{iov_base="..., iov_len=4096}], 1, 48) = 4096
    // 4711 fdatasync(57 <unfinished ...>
    // 4712 write(1, "ack 12\n", 7)    = 7
    // 4711 <... fdatasync resumed>)   = 0
    public static (int Acknowledged, int Early, int Syncs) EarlyAcknowledgements(IEnumerable<string> trace, int headerBytes, int recordBytes)
    {
        Dictionary<string, long> written = [], synced = [];       // by file descriptor, of the segment it stands for now
        Dictionary<string, string> unfinished = [];               // by thread
        Dictionary<string, (string File, long Written)> syncing = [];
        long closed = 0;
        int acknowledged = 0, early = 0, syncs = 0;
        foreach (string line in trace)
        {
            (string thread, string call) = (line[..line.IndexOf(' ')], line[line.IndexOf(' ')..].TrimStart());
            if (call.StartsWith("fdatasync(", StringComparison.Ordinal) && Digits().Match(call) is { Value: var file } && written.TryGetValue(file, out long before)) syncing[thread] = (file, before);
            if (call.StartsWith("write(", StringComparison.Ordinal) && call.Contains(", \"ack ", StringComparison.Ordinal))
            {
                acknowledged++;
                if (acknowledged > closed + synced.Values.Sum(bytes => (bytes - headerBytes) / recordBytes)) early++;
            }
            if (call.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = call[..^"<unfinished ...>".Length];
                continue;
            }
            if (call.StartsWith("<... ", StringComparison.Ordinal)) call = unfinished.Remove(thread, out string? start) ? start + call[(call.IndexOf('>') + 1)..] : call;
            if (Result().Match(call) is not { Success: true } result) continue;

            long value = long.Parse(result.Groups[1].Value);
            if (call.StartsWith("openat", StringComparison.Ordinal) && call.Contains(".segment\"", StringComparison.Ordinal) && call.Contains("O_CREAT", StringComparison.Ordinal))
            {
                string opened = result.Groups[1].Value;
                closed += synced.TryGetValue(opened, out long bytes) ? (bytes - headerBytes) / recordBytes : 0;
                (written[opened], synced[opened]) = (0, headerBytes);
            }
            else if (call.StartsWith("pwrite", StringComparison.Ordinal) && written.ContainsKey(Digits().Match(call[call.IndexOf('(')..]).Value)) written[Digits().Match(call[call.IndexOf('(')..]).Value] += value;
            else if (call.StartsWith("fdatasync", StringComparison.Ordinal) && value == 0 && syncing.Remove(thread, out (string File, long Written) sync))
            {
                synced[sync.File] = sync.Written;
                syncs++;
            }
        }
        return (acknowledged, early, syncs);
    }

    [GeneratedRegex(@"\d+", RegexOptions.None, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\)\s+= (-?\d+)", RegexOptions.RightToLeft, 1000)]
    private static partial Regex Result();
}
