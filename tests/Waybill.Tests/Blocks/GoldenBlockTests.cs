using System.Text;

namespace Waybill.Blocks;

/// <summary>Bytes that the engine itself wrote and read for these values (ClickHouse 26.5 and 26.7).</summary>
public sealed class GoldenBlockTests
{
    private const string LowCardinalityAab =
        "0103 0178 16" + "4c6f7743617264696e616c69747928537472696e6729" + "0100000000000000 0006000000000000 0300000000000000 00 0161 0162 0300000000000000 010102";

    [Fact]
    public void LowCardinality_is_written_as_the_engine_writes_it()
    {
        var buffer = new ByteBuffer();
        var column = new LowCardinality();
        column.Add("a"u8);
        column.Add("a"u8);
        column.Add("b"u8);
        buffer.WriteBlockHeader(1, 3);
        buffer.Write(BlockFormat.ColumnHeader("x", "LowCardinality(String)"));
        LowCardinality.WritePrefix(buffer);
        column.WriteData(buffer);
        Assert.Equal(Convert.ToHexStringLower(Bytes(LowCardinalityAab)), Convert.ToHexStringLower(buffer.Span));
    }

    [Fact]
    public async Task LowCardinality_is_read() =>
        Assert.Equal(["a", "a", "b"], await Strings(LowCardinalityAab));

    [Fact]
    public async Task Nullable_LowCardinality_is_read_with_its_null()
    {
        Block block = await Read("0103 0178 20" + Hex("LowCardinality(Nullable(String))") + "0100000000000000 0006000000000000 0400000000000000 00 00 0161 0162 0300000000000000 020003");
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(block["x"].IsNull));
        Assert.Equal("b", block["x"].GetString(2));
    }

    [Fact]
    public async Task Array_of_LowCardinality_is_read()
    {
        Block block = await Read("0102 0178 1d" + Hex("Array(LowCardinality(String))") + "0100000000000000 0200000000000000 0200000000000000 0006000000000000 0300000000000000 00 0161 0162 0200000000000000 0102");
        Assert.Equal(0..2, block["x"].GetRange(0));
        Assert.Equal(2..2, block["x"].GetRange(1));
        Assert.Equal("b", block["x"].Values!.GetString(1));
    }

    [Fact]
    public async Task Map_with_LowCardinality_keys_is_read()
    {
        Block block = await Read("0101 0178 23" + Hex("Map(LowCardinality(String), String)") + "0100000000000000 0200000000000000 0006000000000000 0300000000000000 00 016b 026b32 0200000000000000 0102 0176 027632");
        BlockColumn map = block["x"];
        Assert.Equal(["k=v", "k2=v2"], Enumerable.Range(0, 2).Select(i => $"{map.Keys!.GetString(i)}={map.Values!.GetString(i)}"));
    }

    [Theory]
    [InlineData("DateTime64(9, 'UTC')", "002f685900000000", 1_500_000_000)]
    [InlineData("UInt16", "feff", 65534)]
    [InlineData("Int16", "feff", -2)]
    [InlineData("Int64", "feffffffffffffff", -2)]
    [InlineData("Enum8('a' = 1, 'b' = 2)", "02", 2)]
    public async Task Integers_and_times_are_read_in_their_own_unit(string type, string data, long expected)
    {
        Block block = await Read("0101 0178" + $"{type.Length:x2}" + Hex(type) + data);
        Assert.Equal(expected, block["x"].GetInt64(0));
    }

    [Fact]
    public async Task Nullable_is_read()
    {
        Block block = await Read("0102 0178 10" + Hex("Nullable(UInt16)") + "0001 01000000");
        Assert.Equal(1, block["x"].GetInt64(0));
        Assert.True(block["x"].IsNull(1));
    }

    [Fact]
    public async Task Tuple_is_read_column_by_column()
    {
        Block block = await Read("0102 0178 18" + Hex("Tuple(a UInt8, b String)") + "0001 0130 0131");
        Assert.Equal(1, block["x"].Elements[0].GetInt64(1));
        Assert.Equal("1", block["x"].Elements[1].GetString(1));
    }

    [Fact]
    public async Task Blocks_arrive_in_any_pieces()
    {
        byte[] twice = [.. Bytes(LowCardinalityAab), .. Bytes(LowCardinalityAab)];
        using var reader = new BlockReader(new Dripping(twice));
        int rows = 0;
        while (await reader.Read(TestContext.Current.CancellationToken) is { } block) rows += block.Rows;
        Assert.Equal(6, rows);
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_block_is_an_error()
    {
        byte[] whole = Bytes(LowCardinalityAab);
        for (int length = 1; length < whole.Length; length++)
        {
            using var reader = new BlockReader(new MemoryStream(whole, 0, length));
            await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.Read(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task No_bytes_are_an_empty_answer()
    {
        using var reader = new BlockReader(new MemoryStream());
        Assert.Null(await reader.Read(TestContext.Current.CancellationToken));
    }

    private static async Task<Block> Read(string hex)
    {
        using var reader = new BlockReader(new MemoryStream(Bytes(hex)));
        return await reader.Read(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("No block.");
    }

    private static async Task<string[]> Strings(string hex)
    {
        Block block = await Read(hex);
        return [.. Enumerable.Range(0, block.Rows).Select(block["x"].GetString)];
    }

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Gives one byte a read.</summary>
    private sealed class Dripping(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
