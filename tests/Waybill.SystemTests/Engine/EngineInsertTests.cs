namespace Waybill.Engine;

public sealed class EngineInsertTests(RunningEngine engine) : IClassFixture<RunningEngine>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<string> NewTable()
    {
        string table = "t_" + Guid.NewGuid().ToString("N");
        await engine.Execute($"CREATE TABLE {table} (a UInt64, s String) ENGINE = MergeTree PARTITION BY intDiv(a, 1000000) ORDER BY a");
        return table;
    }

    private Task<byte[]> Blocks(int rows, string text = "concat('row ', toString(number))") => engine.Bytes($"SELECT number AS a, {text} AS s FROM numbers({rows})");

    [Fact]
    public async Task Binary_with_semicolons_quotes_and_newlines_is_stored_byte_for_byte()
    {
        string table = await NewTable();
        const string Hostile = "concat('; DROP TABLE x; \\n\\'\\\\', char(0, 59, 10, 255), toString(number))";
        await engine.Insert($"{table} (a, s)", "hostile", await Blocks(100_000, Hostile));
        Assert.Equal(await engine.Text($"SELECT count(), sum(sipHash64({Hostile})) FROM numbers(100000)"), await engine.Text($"SELECT count(), sum(sipHash64(s)) FROM {table}"));
    }

    [Fact]
    public async Task The_same_token_stores_once_also_across_a_restart()
    {
        string table = await NewTable();
        byte[] blocks = await Blocks(300_000);   // more than one insert block
        Assert.Equal(300_000, (await engine.Insert($"{table} (a, s)", "segment-1", blocks)).WrittenRows);
        await engine.Insert($"{table} (a, s)", "segment-1", blocks);
        Assert.Equal("300000", await engine.Text($"SELECT count() FROM {table}"));

        await engine.Restart();
        await engine.Insert($"{table} (a, s)", "segment-1", blocks);
        Assert.Equal("300000", await engine.Text($"SELECT count() FROM {table}"));
        await engine.Insert($"{table} (a, s)", "segment-2", blocks);
        Assert.Equal("600000", await engine.Text($"SELECT count() FROM {table}"));
    }

    [Fact]
    public async Task A_writer_that_fails_stores_nothing_and_its_error_is_thrown()
    {
        string table = await NewTable();
        byte[] blocks = await Blocks(100_000);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => engine.Client.Insert($"{table} (a, s)", "half", async (body, cancel) =>
        {
            await body.WriteAsync(blocks, cancel);
            await body.FlushAsync(cancel);
            throw new InvalidDataException("the segment is damaged");
        }, Cancel));
        Assert.Equal("the segment is damaged", error.Message);
        Assert.Equal("0", await engine.Text($"SELECT count() FROM {table}"));
        await engine.Insert($"{table} (a, s)", "half", blocks);
        Assert.Equal("100000", await engine.Text($"SELECT count() FROM {table}"));
    }

    [Fact]
    public async Task An_insert_broken_off_half_way_is_completed_by_repeating_it()
    {
        string table = await NewTable();
        byte[] blocks = await Blocks(1_000_000);   // four insert blocks
        await Assert.ThrowsAsync<InvalidDataException>(() => engine.Client.Insert($"{table} (a, s)", "long", async (body, cancel) =>
        {
            await body.WriteAsync(blocks.AsMemory(0, blocks.Length * 7 / 8), cancel);
            while (await engine.Text($"SELECT count() FROM {table}") == "0") await Task.Delay(10, cancel);
            throw new InvalidDataException("the machine is going down");
        }, Cancel));
        Assert.InRange(int.Parse(await engine.Text($"SELECT count() FROM {table}"), System.Globalization.CultureInfo.InvariantCulture), 1, 999_999);

        await engine.Insert($"{table} (a, s)", "long", blocks);
        Assert.Equal("1000000\t1000000", await engine.Text($"SELECT count(), uniqExact(a) FROM {table}"));
    }

    [Fact]
    public async Task Blocks_cut_short_are_refused_and_store_nothing()
    {
        string table = await NewTable();
        byte[] blocks = await Blocks(1000);
        var error = await Assert.ThrowsAsync<EngineException>(() => engine.Insert($"{table} (a, s)", "cut", blocks[..^5]));
        Assert.Equal("CANNOT_READ_ALL_DATA", error.Name);
        Assert.Equal("0", await engine.Text($"SELECT count() FROM {table}"));
    }

    [Fact]
    public async Task A_refused_insert_says_why_even_when_much_is_still_to_be_sent()
    {
        byte[] megabyte = new byte[1 << 20];
        var error = await Assert.ThrowsAsync<EngineException>(() => engine.Client.Insert("nosuch (a, s)", "x", async (body, cancel) =>
        {
            for (int i = 0; i < 64; i++) await body.WriteAsync(megabyte, cancel);
        }, Cancel));
        Assert.Equal(60, error.Code);
    }

    [Fact]
    public async Task Too_many_partitions_in_one_insert_are_refused()
    {
        string table = await NewTable();
        byte[] blocks = await engine.Bytes("SELECT number * 1000000 AS a, '' AS s FROM numbers(17)");
        var error = await Assert.ThrowsAsync<EngineException>(() => engine.Insert($"{table} (a, s)", "wide", blocks));
        Assert.Equal((252, false), (error.Code, error.IsRetryable));
    }

    [Fact]
    public async Task A_token_that_is_no_id_is_refused() =>
        Assert.Equal(36, (await Assert.ThrowsAsync<EngineException>(() => engine.Insert("t (a)", "x', max_threads = '1", [])) ).Code);

    [Fact]
    public async Task An_empty_insert_stores_nothing_and_is_no_error()
    {
        string table = await NewTable();
        Assert.Equal(0, (await engine.Insert($"{table} (a, s)", "empty", [])).WrittenRows);
    }
}
