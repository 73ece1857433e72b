using System.Diagnostics;

namespace Waybill.Spool;

/// <summary>A process that writes to a spool and says what was acknowledged; to be killed, or run under strace.</summary>
internal sealed class WriterProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly List<long> _acknowledged = [];

    private WriterProcess(Process process)
    {
        _process = process;
        Errors = process.StandardError.ReadToEndAsync();
        _reading = Read();
    }

    public Task<string> Errors { get; }

    /// <summary>What was acknowledged until now; a line cut short by a kill does not count.</summary>
    public long[] Acknowledged
    {
        get
        {
            lock (_acknowledged) return [.. _acknowledged];
        }
    }

    public static WriterProcess Start(string[] strace, string directory, string sink, long first, long count, int appenders, int? recordRunBytes = null)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Waybill.SpoolWriter.dll");
        string[] command = [.. strace, "dotnet", program, "write", directory, sink, $"{first}", $"{count}", $"{appenders}", .. recordRunBytes is null ? (string[])[] : [$"{recordRunBytes}"]];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new(Process.Start(start)!);
    }

    public void Kill() => _process.Kill();   // SIGKILL

    /// <returns>The exit code, when all output has been read.</returns>
    public async Task<int> End(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        await _reading;
        return _process.ExitCode;
    }

    private async Task Read()
    {
        string text = "";
        char[] buffer = new char[4096];
        for (int read; (read = await _process.StandardOutput.ReadAsync(buffer)) > 0;)
        {
            text += new string(buffer, 0, read);
            int end = text.LastIndexOf('\n') + 1;
            lock (_acknowledged) _acknowledged.AddRange(text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line["ack ".Length..])));
            text = text[end..];
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
