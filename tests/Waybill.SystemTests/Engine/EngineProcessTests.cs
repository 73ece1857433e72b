using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Waybill.Engine;

public sealed class EngineProcessTests : IAsyncLifetime
{
    private readonly RunningEngine _engine = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "waybill");

    public ValueTask InitializeAsync() => _engine.InitializeAsync();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task With_the_library_loaded_faults_are_caught_and_collections_stop_a_spinning_thread()
    {
        var (exitCode, output) = await Run("engine", "--data", Path.Combine(_engine.Directory, "other"), "--socket", Path.Combine(_engine.Directory, "other.sock"), "--self-test");
        Assert.Contains("1000 faults caught, 20 collections", output, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Durability_and_memory_settings_are_in_force()
    {
        string[] mergeTree = ["fsync_after_insert=1", "fsync_part_directory=1", "max_suspicious_broken_parts=1000000", "min_compressed_bytes_to_fsync_after_merge=1", "min_rows_to_fsync_after_merge=1", "non_replicated_deduplication_window=10000", "old_parts_lifetime=480"];
        Assert.Equal(string.Join('\n', mergeTree), await _engine.Text("SELECT concat(name, '=', value) FROM system.merge_tree_settings WHERE changed ORDER BY name"));
        Assert.Equal("max_server_memory_usage=1500000000", await _engine.Text("SELECT concat(name, '=', value) FROM system.server_settings WHERE name = 'max_server_memory_usage'"));
        await _engine.Execute("CREATE TABLE w (async UInt8, token UInt8) ENGINE = Memory");
        await _engine.Execute("INSERT INTO w SELECT getSetting('async_insert'), getSetting('insert_deduplicate')");
        Assert.Equal("0\t1", await _engine.Text("SELECT * FROM w"));
        Assert.Equal("UTC", await _engine.Text("SELECT timezone()"));
    }

    [Fact]
    public async Task Every_thread_of_the_engine_gives_way_to_others()
    {
        await _engine.Text("SELECT sum(sipHash64(number)) FROM numbers_mt(1000000)");
        // MemoryWorker raises itself where it may: it gives memory back before it runs out.
        string[] tasks = [.. Directory.GetDirectories($"/proc/{_engine.Process.State.ProcessId}/task").Where(task => File.ReadAllText(Path.Combine(task, "comm")) != "MemoryWorker\n")];
        Assert.All(tasks, task => Assert.Equal(Math.Min(19, Niceness("/proc/self") + _engine.Options.Niceness), Niceness(task)));
        Assert.True(tasks.Length > 20, $"{tasks.Length} threads");

        // Field 19 of stat(5); the second, the name in parentheses, may hold spaces.
        static int Niceness(string task) => int.Parse(File.ReadAllText(Path.Combine(task, "stat")).Split(')')[^1].Split(' ')[17], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_second_process_on_the_directory_is_refused_and_the_first_goes_on()
    {
        var (exitCode, output) = await Run("engine", "--data", _engine.Options.DataDirectory, "--socket", Path.Combine(_engine.Directory, "second.sock"));
        Assert.Equal(1, exitCode);
        Assert.Contains("is in use by another 'waybill engine'", output, StringComparison.Ordinal);
        Assert.Equal("1", await _engine.Text("SELECT 1"));
    }

    [Fact]
    public async Task A_killed_engine_is_started_again_with_its_data()
    {
        await _engine.Execute("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a");
        await _engine.Insert("t (a)", "one", await _engine.Bytes("SELECT number AS a FROM numbers(1000)"));
        int first = _engine.Process.State.ProcessId;
        Process.GetProcessById(first).Kill();

        while (_engine.Process.State.ProcessId == first) await Task.Delay(10, Cancel);
        await _engine.WaitUntilReady();
        Assert.Equal("1000", await _engine.Text("SELECT count() FROM t"));
        Assert.Equal((true, 1), (_engine.Process.State.Ready, _engine.Process.State.Restarts));
        Assert.NotEqual(first, _engine.Process.State.ProcessId);
    }

    [Fact]
    public async Task A_call_while_the_engine_is_down_fails_with_a_retryable_error()
    {
        using var client = EngineClient.Embedded(Path.Combine(_engine.Directory, "nobody.sock"));
        var error = await Assert.ThrowsAsync<EngineException>(() => client.Execute("SELECT 1", cancel: Cancel));
        Assert.Equal((210, true), (error.Code, error.IsRetryable));
        Assert.False(await client.Ping(Cancel));
    }

    [Fact]
    public async Task An_engine_whose_standard_input_ends_is_gone_within_two_seconds()
    {
        using var process = await StartAlone(Program, ["engine", "--data", Path.Combine(_engine.Directory, "a"), "--socket", Path.Combine(_engine.Directory, "a.sock"), "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(2), Cancel);
    }

    [Fact]
    public async Task An_engine_whose_parent_is_killed_is_gone_within_two_seconds()
    {
        // The shell is the parent. The sleep outlives it, and a slow start of the engine, and keeps the engine's standard input open.
        string command = $"\"{Program}\" engine --data \"{_engine.Directory}/b\" --socket \"{_engine.Directory}/b.sock\" --parent $$ < <(sleep 60) & echo $!; wait";
        using var shell = await StartAlone("/bin/bash", ["-c", command]);
        using var engine = Process.GetProcessById(int.Parse(_firstLine!, CultureInfo.InvariantCulture));
        shell.Kill();
        // A process that has ended stays as a zombie until its new parent, not ours, asks for it.
        long killed = Stopwatch.GetTimestamp();
        while (Runs(engine.Id))
        {
            Assert.True(Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(2), "The engine still runs.");
            await Task.Delay(20, Cancel);
        }
    }

    private static bool Runs(int process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].StartsWith(" Z", StringComparison.Ordinal);

    [Fact]
    public async Task More_statements_than_connections_wait_and_more_than_may_wait_are_told_to_come_back()
    {
        string directory = Path.Combine(_engine.Directory, "small");
        await using var small = EngineProcess.Start(new EngineHostOptions { DataDirectory = directory, SocketPath = Path.Combine(_engine.Directory, "small.sock"), ConnectionsMax = 1, WaitingMax = 1 }, NullLogger.Instance, TimeProvider.System);
        await small.WaitUntilReady(Cancel);
        var asked = Enumerable.Range(0, 6).Select(_ => Record.ExceptionAsync(() => small.Client.Execute("SELECT sleep(1)", cancel: Cancel)).AsTask()).ToArray();
        var errors = (await Task.WhenAll(asked)).OfType<EngineException>().ToArray();
        Assert.Equal(4, errors.Length);
        Assert.All(errors, e => Assert.Equal((202, true), (e.Code, e.IsRetryable)));
    }

    [Fact]
    public async Task An_insert_over_its_bound_is_refused_as_too_large()
    {
        string directory = Path.Combine(_engine.Directory, "bounded");
        await using var bounded = EngineProcess.Start(new EngineHostOptions { DataDirectory = directory, SocketPath = Path.Combine(_engine.Directory, "bounded.sock"), InsertBytesMax = 1024 }, NullLogger.Instance, TimeProvider.System);
        await bounded.WaitUntilReady(Cancel);
        await bounded.Client.Execute("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", cancel: Cancel);
        byte[] blocks = await _engine.Bytes("SELECT number AS a FROM numbers(1000)");
        var error = await Assert.ThrowsAsync<EngineException>(() => bounded.Client.Insert("t (a)", "x", (body, cancel) => body.WriteAsync(blocks, cancel).AsTask(), Cancel));
        Assert.Equal((168, false), (error.Code, error.IsRetryable));
    }

    [Fact]
    public async Task An_engine_that_cannot_start_says_why()
    {
        var (exitCode, output) = await Run("engine", "--data", Path.Combine(_engine.Directory, "c"), "--socket", Path.Combine(_engine.Directory, "nosuch", "c.sock"));
        Assert.Equal(1, exitCode);
        Assert.Contains("c.sock cannot be opened", output, StringComparison.Ordinal);
    }

    private string? _firstLine;

    private async Task<Process> StartAlone(string program, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync(Cancel)) is not null)
        {
            _firstLine ??= line;
            if (line == Host.EngineHost.ReadyLine) return process;
        }

        throw new InvalidOperationException($"{program} ended before it was ready.");
    }

    private static async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output + await error);
    }
}
