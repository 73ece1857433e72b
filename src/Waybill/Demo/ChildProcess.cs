using System.ComponentModel;
using System.Diagnostics;

namespace Waybill.Demo;

/// <summary>
/// A program that the demo runs. Both its outputs go into a file. It is asked to end by closing its standard input, which the kernel does
/// too when the demo is killed; a child that does not end in time is killed.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LastLines = 3;

    private readonly Process _process;
    private readonly TimeSpan _endMax;
    private readonly StreamWriter _log;
    private readonly Lock _lock = new();
    private readonly Queue<string> _last = new();

    /// <param name="line">Called with each line of standard output, on any thread.</param>
    /// <param name="endMax">Time it is given to end.</param>
    /// <exception cref="CommandFailure">It cannot be started.</exception>
    public ChildProcess(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, string logFile, TimeSpan endMax, Action<string>? line = null)
    {
        (_endMax, LogFile) = (endMax, logFile);
        _log = new StreamWriter(logFile, append: false) { AutoFlush = true };
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) =>
        {
            Keep(e.Data);
            if (e.Data is not null) line?.Invoke(e.Data);
        };
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        try
        {
            _process.Start();
        }
        catch (Win32Exception e)
        {
            _log.Dispose();
            throw new CommandFailure($"{program} cannot be started: {e.Message}. Build it again with 'dotnet build'.");
        }
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string LogFile { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines it said, for an error message.</summary>
    public string LastWords
    {
        get
        {
            lock (_lock) return string.Join(" ", _last);
        }
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_lock)
        {
            if (line.Length > 0)
            {
                _last.Enqueue(line);
                if (_last.Count > LastLines) _last.Dequeue();
            }
            if (_log.BaseStream.CanWrite) _log.WriteLine(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(_endMax);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        catch (IOException)
        {
            // Its end of the pipe is closed: it has ended already.
        }
        _process.Dispose();
        lock (_lock) _log.Dispose();
    }
}
