using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Waybill.Engine;

public sealed class EngineClientTests(RunningEngine engine) : IClassFixture<RunningEngine>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Parameters_of_32_concurrent_callers_are_never_mixed()
    {
        const int Callers = 32, Calls = 250;
        int wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (int call = 0; call < Calls; call++)
            {
                string expected = $"caller {caller} call {call}";
                if (await engine.Text("SELECT {who:String}", EngineParameter.String("who", expected)) != expected) Interlocked.Increment(ref wrong);
            }
        }, Cancel)));
        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData("'; DROP TABLE spans; --")]
    [InlineData("\\'; SELECT 1 /*")]
    [InlineData("a\nb\tc\rd\be\ff")]
    [InlineData("nul \0 inside and at the end \0")]
    [InlineData("\\N")]
    [InlineData("\\")]
    [InlineData("{x:String} `tick` \"quote\" $1 %s &amp; a+b%20c")]
    [InlineData("ünïcödé 漢字 🧭")]
    [InlineData("")]
    public async Task A_hostile_string_is_bound_byte_for_byte(string hostile)
    {
        string expected = Convert.ToHexString(Encoding.UTF8.GetBytes(hostile));
        Assert.Equal(expected, await engine.Text("SELECT hex({x:String})", EngineParameter.String("x", hostile)));
        Assert.Equal(expected, await engine.Text("SELECT hex({x:Array(String)}[2])", EngineParameter.Strings("x", ["first", hostile])));
        Assert.Equal(expected, await engine.Text("SELECT hex({x:String})", EngineParameter.Bytes("x", Encoding.UTF8.GetBytes(hostile))));
    }

    [Fact]
    public async Task Any_string_and_any_list_of_strings_comes_back_as_it_was_sent()
    {
        var strings = Gen.Sample(ArbMap.Default.ArbFor<string>().Generator.Where(s => s is not null), 30, 200).ToArray();
        for (int i = 0; i < strings.Length; i += 10)
        {
            // Lone surrogates have no UTF-8: they travel as U+FFFD, so they are replaced before comparing.
            string[] list = [.. strings[i..Math.Min(strings.Length, i + 10)].Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s)))];
            string expected = string.Join(',', list.Select(s => Convert.ToHexString(Encoding.UTF8.GetBytes(s))));
            Assert.Equal(expected, await engine.Text("SELECT arrayStringConcat(arrayMap(s -> hex(s), {x:Array(String)}), ',')", EngineParameter.Strings("x", list)));
            Assert.Equal(expected.Split(',')[0], await engine.Text("SELECT hex({x:String})", EngineParameter.String("x", list[0])));
        }
    }

    [Fact]
    public async Task Numbers_times_and_nulls_are_bound_in_their_types()
    {
        Assert.Equal("-9223372036854775808", await engine.Text("SELECT {x:Int64}", EngineParameter.Int("x", long.MinValue)));
        Assert.Equal("18446744073709551615", await engine.Text("SELECT {x:UInt64}", EngineParameter.UInt("x", ulong.MaxValue)));
        Assert.Equal("nan\t-inf\t0.1", await engine.Text("SELECT {a:Float64}, {b:Float64}, {c:Float64}", EngineParameter.Double("a", double.NaN), EngineParameter.Double("b", double.NegativeInfinity), EngineParameter.Double("c", 0.1)));
        Assert.Equal("[-1,2]", await engine.Text("SELECT {x:Array(Int64)}", EngineParameter.Ints("x", [-1, 2])));
        Assert.Equal("true", await engine.Text("SELECT {x:Bool}", EngineParameter.Bool("x", true)));
        Assert.Equal("1", await engine.Text("SELECT isNull({x:Nullable(String)})", EngineParameter.Null("x")));
        Assert.Equal("1700000000123456789", await engine.Text("SELECT toUnixTimestamp64Nano({x:DateTime64(9)})", EngineParameter.UnixNanoseconds("x", 1_700_000_000_123_456_789)));
        Assert.Equal("5", await engine.Text("SELECT toUnixTimestamp64Nano({x:DateTime64(9)})", EngineParameter.UnixNanoseconds("x", 5)));
    }

    [Fact]
    public async Task An_error_before_the_first_byte_has_code_name_and_message()
    {
        var error = await Assert.ThrowsAsync<EngineException>(() => engine.Text("SELECT * FROM nosuch"));
        Assert.Equal((60, "UNKNOWN_TABLE", false), (error.Code, error.Name, error.IsRetryable));
        Assert.Contains("nosuch", error.Message, StringComparison.Ordinal);
        Assert.Equal(62, (await Assert.ThrowsAsync<EngineException>(() => engine.Text("SELEC 1"))).Code);
        Assert.Equal(115, (await Assert.ThrowsAsync<EngineException>(() => engine.Client.Execute("SELECT 1", settings: new EngineSettings { Others = new Dictionary<string, string> { ["nosuch"] = "1" } }, cancel: Cancel))).Code);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_an_answer_is_thrown_and_its_frame_is_withheld()
    {
        await using var response = await engine.Client.Query("SELECT throwIf(number = 300000), number FROM numbers(1000000)", cancel: Cancel);
        using var read = new MemoryStream();
        var error = await Assert.ThrowsAsync<EngineException>(() => response.Body.CopyToAsync(read, Cancel));
        Assert.Equal((395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"), (error.Code, error.Name));
        Assert.True(read.Length > 100_000, $"only {read.Length} bytes came before the error");
        Assert.Equal(-1, read.ToArray().AsSpan().IndexOf("__exception__"u8));
    }

    [Fact]
    public async Task A_long_answer_arrives_whole()
    {
        byte[] bytes = await engine.Bytes("SELECT number FROM numbers(500000) FORMAT RowBinary");
        Assert.Equal(500_000 * 8, bytes.Length);
        for (int i = 0; i < 500_000; i += 997) Assert.Equal((ulong)i, BitConverter.ToUInt64(bytes, i * 8));
    }

    [Fact]
    public async Task A_format_with_header_and_footer_is_one_document()
    {
        string json = Encoding.UTF8.GetString(await engine.Bytes("SELECT number FROM numbers(150000) FORMAT JSON"));
        using var document = System.Text.Json.JsonDocument.Parse(json);
        Assert.Equal(150_000, document.RootElement.GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1 AND 'endless aggregation' != ''")]
    [InlineData("SELECT sipHash64(number), 'endless answer' FROM numbers(100000000000)")]
    public async Task A_client_that_leaves_ends_its_statement(string sql)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var settings = new EngineSettings { ExecutionSecondsMax = 600, ResultRowsMax = 0, ResultBytesMax = 0 };
        var asking = Task.Run(async () =>
        {
            await using var response = await engine.Client.Query(sql, settings: settings, cancel: leaving.Token);
            await response.Body.CopyToAsync(Stream.Null, leaving.Token);
        }, Cancel);

        await Eventually(async () => await Running(sql) == 1, "the statement never ran");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Eventually(async () => await Running(sql) == 0, "the statement still runs");
    }

    private async Task<int> Running(string sql) => int.Parse(await engine.Text(
        "SELECT count() FROM system.processes WHERE position(query, {sql:String}) > 0", EngineParameter.String("sql", sql)), System.Globalization.CultureInfo.InvariantCulture);

    private static async Task Eventually(Func<Task<bool>> condition, string otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), otherwise);
            await Task.Delay(20, Cancel);
        }
    }

    [Fact]
    public async Task A_statement_over_its_memory_is_an_error_and_the_engine_lives_on()
    {
        int process = engine.Process.State.ProcessId;
        var error = await Assert.ThrowsAsync<EngineException>(() => engine.Text("SELECT length(groupArray(toString(number))) FROM numbers(50000000)"));
        Assert.Equal((241, true), (error.Code, error.IsRetryable));
        Assert.Equal("1", await engine.Text("SELECT 1"));
        Assert.Equal(process, engine.Process.State.ProcessId);
    }

    [Fact]
    public async Task Limits_of_a_read_are_the_defaults_or_what_the_caller_says()
    {
        Assert.Equal("10\t700000000\t1000000\t1\tfalse", await engine.Text("SELECT getSetting('max_execution_time'), getSetting('max_memory_usage'), getSetting('max_result_rows'), getSetting('readonly'), getSetting('use_top_k_dynamic_filtering')"));
        await using var response = await engine.Client.Query("SELECT number FROM numbers(100)", settings: new EngineSettings { ResultRowsMax = 1000 }, cancel: Cancel);
        var error = await Assert.ThrowsAsync<EngineException>(async () => await engine.Client.Query("SELECT number FROM numbers(100)", settings: new EngineSettings { ResultRowsMax = 10 }, cancel: Cancel));
        Assert.Equal(396, error.Code);
        error = await Assert.ThrowsAsync<EngineException>(async () => await engine.Client.Query("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", settings: new EngineSettings { ExecutionSecondsMax = 0.3 }, cancel: Cancel));
        Assert.Equal((159, true), (error.Code, error.IsRetryable));
    }

    [Fact]
    public async Task A_large_read_uses_every_thread_it_may()
    {
        await engine.Execute("CREATE TABLE large (a UInt64) ENGINE = MergeTree ORDER BY a");
        await engine.Execute("INSERT INTO large SELECT number FROM numbers(2000000)");
        Assert.Contains("MergeTreeSelect(pool: ReadPool, algorithm: Thread) × 2", await engine.Text("EXPLAIN PIPELINE SELECT sum(sipHash64(a)) FROM large"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_summary_counts_what_was_read_and_answered()
    {
        await using var response = await engine.Client.Query("SELECT number FROM numbers(1000) WHERE number % 2 = 0", settings: new EngineSettings { QueryId = "my-id" }, cancel: Cancel);
        Assert.Equal((1000, 500), (response.Summary.ReadRows, response.Summary.ResultRows));
        Assert.Equal("my-id", response.QueryId);
    }
}
