using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Waybill.Engine;

public sealed class ExceptionFrameTests
{
    private const string Tag = "abcdefghijklmnop";

    /// <summary>Hands out its bytes in pieces of a given size, then ends or breaks.</summary>
    private sealed class Pieces(byte[] bytes, int size, bool breaks = false) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = Read(buffer.Span[..Math.Min(size, buffer.Length)]);
            return read == 0 && breaks ? throw new IOException("reset by peer") : new ValueTask<int>(read);
        }
    }

    private static async Task<(byte[] Data, EngineException? Error)> ReadAll(Stream source, string? tag = Tag)
    {
        using var data = new MemoryStream();
        await using var stream = new ExceptionAwareStream(source, tag);
        try
        {
            await stream.CopyToAsync(data, 100, TestContext.Current.CancellationToken);
            return (data.ToArray(), null);
        }
        catch (EngineException error)
        {
            return (data.ToArray(), error);
        }
    }

    private static byte[] Wire(string data, string? message) => [.. Encoding.UTF8.GetBytes(data), .. message is null ? [] : ExceptionFrame.Write(Tag, message)];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(100_000)]
    public async Task A_frame_is_thrown_and_the_data_before_it_is_read_whatever_the_pieces(int size)
    {
        var (data, error) = await ReadAll(new Pieces(Wire("rows\r\n__exception__\r\nnot the tag\r\n", "Code: 241. DB::Exception: no memory\nat all. (MEMORY_LIMIT_EXCEEDED)"), size));
        Assert.Equal("rows\r\n__exception__\r\nnot the tag\r\n", Encoding.UTF8.GetString(data));
        Assert.Equal((241, "MEMORY_LIMIT_EXCEEDED", "no memory\nat all."), (error!.Code, error.Name, error.Message));
    }

    [Fact]
    public async Task Any_data_is_handed_on_unchanged()
    {
        foreach (byte[] noise in Gen.Sample(ArbMap.Default.ArbFor<byte[]>().Generator.Where(b => b is not null), 200, 300))
        {
            // Beginnings of a frame strewn in: they look like one and are not.
            byte[] bytes = [.. noise, .. ExceptionFrame.Head(Tag)[..(noise.Length % 30)], .. noise, .. ExceptionFrame.Head(Tag)[..^1]];
            var (data, error) = await ReadAll(new Pieces(bytes, 1 + (noise.Length % 13)));
            Assert.Null(error);
            Assert.Equal(bytes, data);
        }
    }

    [Fact]
    public async Task A_frame_cut_off_by_the_connection_still_tells_its_message()
    {
        byte[] wire = Wire("rows", "Code: 60. DB::Exception: gone. (UNKNOWN_TABLE)");
        var (_, error) = await ReadAll(new Pieces(wire[..^20], 9, breaks: true));
        Assert.Equal(60, error!.Code);
    }

    [Fact]
    public async Task A_broken_connection_is_a_retryable_error()
    {
        var (data, error) = await ReadAll(new Pieces(Encoding.UTF8.GetBytes("half of the ro"), 5, breaks: true));
        Assert.Equal((210, true), (error!.Code, error.IsRetryable));
        Assert.Equal("half of the ro", Encoding.UTF8.GetString(data));
    }

    [Fact]
    public async Task Without_a_tag_everything_is_data()
    {
        byte[] wire = Wire("rows", "Code: 60. DB::Exception: gone. (UNKNOWN_TABLE)");
        Assert.Equal(wire, (await ReadAll(new Pieces(wire, 8), tag: null)).Data);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a message that holds\n5 abcdefghijklmnop in its middle")]
    [InlineData("ünïcödé 漢字")]
    public void A_message_comes_back_as_written(string message) => Assert.Equal(message, ExceptionFrame.ReadMessage(ExceptionFrame.Write(Tag, message), Tag));

    [Fact]
    public void A_message_is_bounded() => Assert.InRange(ExceptionFrame.Write(Tag, new string('x', 1_000_000)).Length, 16_384, 16_600);
}
