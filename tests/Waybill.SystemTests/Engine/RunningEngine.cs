using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Waybill.Engine;

/// <summary>A real engine process on a directory of its own, stopped and removed at the end.</summary>
public sealed class RunningEngine : IAsyncLifetime
{
    public RunningEngine()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("wb-engine-").FullName;
        Options = new EngineHostOptions { DataDirectory = Path.Combine(Directory, "data"), SocketPath = Path.Combine(Directory, "engine.sock") };
    }

    public string Directory { get; }

    public EngineHostOptions Options { get; }

    public EngineProcess Process { get; private set; } = null!;

    public EngineClient Client => Process.Client;

    public async ValueTask InitializeAsync()
    {
        Process = EngineProcess.Start(Options, NullLogger.Instance, TimeProvider.System);
        await WaitUntilReady();
    }

    public Task WaitUntilReady() => Process.WaitUntilReady(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);

    /// <summary>Stops the process in good order and starts another on the same directory.</summary>
    public async Task Restart()
    {
        await Process.DisposeAsync();
        await InitializeAsync();
    }

    public async Task<byte[]> Bytes(string sql, params KeyValuePair<string, string>[] parameters)
    {
        await using var response = await Client.Query(sql, parameters, cancel: TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        await response.Body.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }

    /// <summary>The answer as ClickHouse's raw TSV, without its last newline.</summary>
    public async Task<string> Text(string sql, params KeyValuePair<string, string>[] parameters)
    {
        string text = Encoding.UTF8.GetString(await Bytes(sql + " FORMAT TSVRaw", parameters));
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    public Task Execute(string sql) => Client.Execute(sql, cancel: TestContext.Current.CancellationToken);

    public Task<InsertSummary> Insert(string into, string token, byte[] blocks) =>
        Client.Insert(into, token, (body, cancel) => body.WriteAsync(blocks, cancel).AsTask(), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
