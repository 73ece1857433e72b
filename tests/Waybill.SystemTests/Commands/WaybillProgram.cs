using System.Diagnostics;
using System.Text.Json;

namespace Waybill.Commands;

/// <summary>What a run of the program ended with.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    public JsonDocument Json => JsonDocument.Parse(Output);
}

/// <summary>The built program, run as a person runs it.</summary>
internal static class WaybillProgram
{
    public static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "waybill");

    public static ProcessStartInfo Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal) || name.StartsWith("WAYBILL_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["COLUMNS"] = "120";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return start;
    }

    public static async Task<Ended> Run(string arguments, TimeSpan? timeout = null, params (string Name, string Value)[] environment)
    {
        using var process = Process.Start(Start(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(timeout ?? TimeSpan.FromSeconds(60));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        return new(process.ExitCode, await output, await error);
    }
}

/// <summary><c>waybill serve</c> on free ports with a directory of its own, for the tests of a class.</summary>
public sealed class ServedWaybill : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("waybill-cli-");
    private Process _process = null!;

    public string OtlpHttp { get; private set; } = "";
    public string Console { get; private set; } = "";
    public TimeSpan ListeningAfter { get; private set; }

    public async ValueTask InitializeAsync()
    {
        long began = Stopwatch.GetTimestamp();
        _process = Process.Start(WaybillProgram.Start(["serve", "--data", _data.FullName, "--output", "json", "--while-input-open"],
            ("WAYBILL_PORTS__OTLPGRPC", "0"), ("WAYBILL_PORTS__OTLPHTTP", "0"), ("WAYBILL_PORTS__CONSOLE", "0")))!;
        string? line;
        do line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line?.StartsWith("{\"otlpGrpc\"", StringComparison.Ordinal) == false);
        ListeningAfter = Stopwatch.GetElapsedTime(began);
        using JsonDocument ports = JsonDocument.Parse(line ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync()));
        OtlpHttp = ports.RootElement.GetProperty("otlpHttp").GetString()!;
        Console = ports.RootElement.GetProperty("console").GetString()!;
        _ = _process.StandardOutput.ReadToEndAsync();
        _ = _process.StandardError.ReadToEndAsync();
    }

    internal async Task<int> Stop()
    {
        if (!_process.HasExited) _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(40));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stop();
        }
        finally
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            _process.Dispose();
            _data.Delete(recursive: true);
        }
    }
}
