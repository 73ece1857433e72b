using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Waybill.Engine.Host;

/// <summary>The child process: opens the library on one data directory and answers the ClickHouse HTTP interface on a Unix socket.</summary>
public static partial class EngineHost
{
    // The peer is our own process: it may stall while the machine is busy, but must not hold a connection for ever.
    private static readonly MinDataRate SlowestPeer = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromMinutes(1));

    /// <summary>Written to standard output as a line of its own when requests are answered.</summary>
    public const string ReadyLine = "engine ready";

    /// <summary>Runs until SIGTERM, SIGINT or the parent's end. Must be the first thing a process does: the runtime's signal handlers are saved here.</summary>
    /// <returns>0 after an orderly end, 1 when it could not start; the reason is on standard error.</returns>
    public static async Task<int> Run(EngineHostOptions options, bool selfTestOnly = false)
    {
        try
        {
            await Serve(options, selfTestOnly);
            return 0;
        }
        catch (EngineStartException error)
        {
            await Console.Error.WriteLineAsync($"waybill engine: {error.Message}");
            return 1;
        }
    }

    private static async Task Serve(EngineHostOptions options, bool selfTestOnly)
    {
        long started = Stopwatch.GetTimestamp();
        if (options.ParentProcessId != 0) ParentWatch.Start(options.ParentProcessId);
        if (!OperatingSystem.IsLinux()) throw new EngineStartException("The embedded engine runs on Linux only.");
        Niceness.Add(options.Niceness);
        RequireLibrary();

        // Everything the engine and the socket create is the owner's alone. Times without a zone are UTC: the library takes its zone
        // from the environment alone, and Environment.SetEnvironmentVariable does not reach it.
        _ = umask(0x3F /* 0077 */);
        _ = setenv("TZ", "UTC", 1);

        // A statement blocks its thread inside the library; a pool that starts with two threads would make the others wait.
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, options.ConnectionsMax + 8), completions);

        using var directory = DataDirectory.Open(options);
        var handlers = SignalHandlers.Save();
        using var anchor = OpenFirst(directory, handlers, options.EncryptionKeys);   // never the last to close: a full close and reopen takes the signals anew
        ServerSettings.Assert(anchor, options);
        ReportBrokenParts(anchor);
        if (selfTestOnly)
        {
            SelfTest.Run(faults: 1000, collections: 20);
            await Console.Out.WriteLineAsync("self-test passed: 1000 faults caught, 20 collections against a spinning thread");
            return;
        }

        SelfTest.Run(faults: 20, collections: 2);
        using var pool = new ConnectionPool(options, () => Open(directory, handlers));
        await using var app = Build(options, new EngineEndpoint(options, pool, new StatementCanceller(anchor, TimeProvider.System)));
        await Listen(app, options);
        File.SetUnixFileMode(options.SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Console.Out.WriteLineAsync(ReadyLine);
        await Console.Out.WriteLineAsync($"started in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        await app.WaitForShutdownAsync();
    }

    private static async Task Listen(WebApplication app, EngineHostOptions options)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new EngineStartException($"The socket {options.SocketPath} cannot be opened: {error.Message}", error);
        }
    }

    // A damaged part must not keep the other millions of rows away, so the engine opens without it; nobody may overlook that.
    private static void ReportBrokenParts(EngineConnection connection)
    {
        using var result = connection.Run("""
            SELECT concat(database, '.', table, ': ', toString(count())) FROM system.detached_parts
            WHERE startsWith(reason, 'broken') GROUP BY database, table
            """);
        foreach (string table in System.Text.Encoding.UTF8.GetString(result.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Console.Error.WriteLine($"waybill engine: damaged parts were set aside in {table}; restore them from a backup");
    }

    private static EngineConnection OpenFirst(DataDirectory directory, SignalHandlers handlers, IReadOnlyList<byte[]> keys)
    {
        // Of the library's environment alone, and only while it reads its configuration: not to be seen from outside the process.
        for (int i = 0; i < keys.Count; i++) _ = setenv(ServerSettings.KeyVariable(i), Convert.ToHexStringLower(keys[i]), 1);
        LibChdb.chdb_set_signal_handlers_enabled(0);

        // Between connect and restore a collection could wait for ever for a signal that goes to the library.
        bool quiet = GC.TryStartNoGCRegion(1 << 20);
        var connection = EngineConnection.Open($"--path={directory.StorePath}", $"--config-file={directory.ConfigPath}");
        handlers.Restore();
        for (int i = 0; i < keys.Count; i++) _ = unsetenv(ServerSettings.KeyVariable(i));
        if (quiet && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
        return connection;
    }

    private static EngineConnection Open(DataDirectory directory, SignalHandlers handlers)
    {
        var connection = EngineConnection.Open($"--path={directory.StorePath}");
        if (handlers.Restore() is { Count: > 0 } taken)
            Console.Error.WriteLine($"waybill engine: a new connection had taken signals {string.Join(", ", taken)}; given back");
        return connection;
    }

    private static WebApplication Build(EngineHostOptions options, EngineEndpoint endpoint)
    {
        if (File.Exists(options.SocketPath)) File.Delete(options.SocketPath);   // of a killed predecessor: the data directory's lock is ours
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(options.SocketPath, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = options.SqlBytesMax;
            kestrel.Limits.MaxRequestBufferSize = Math.Max(options.SqlBytesMax, 1 << 20);
            kestrel.Limits.MaxRequestBodySize = options.SqlBytesMax + 1;
            kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = SlowestPeer;
            kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax + options.WaitingMax + 64;
        });
        var app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/ping" => endpoint.Ping(context),
            "/" when HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsPost(context.Request.Method) => endpoint.Handle(context),
            _ => NotFound(context),
        });
        return app;
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("There is GET /ping, and GET or POST / of the ClickHouse HTTP interface.\n");
    }

    private static void RequireLibrary()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "libchdb.so");
        if (!File.Exists(path))
            throw new EngineStartException("libchdb.so is not beside the program: the embedded engine exists for linux-x64 with glibc. "
                + "Run with '--store https://your-clickhouse:8443', or build on linux-x64.");
    }

    [LibraryImport("libc")] private static partial uint umask(uint mask);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int unsetenv(string name);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int setenv(string name, string value, int overwrite);
}
