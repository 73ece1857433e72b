using System.Security.Cryptography;
using System.Text;

namespace Waybill.Encryption;

public sealed class SealerTests
{
    private static readonly byte[] About = "tile/entries/000"u8.ToArray();

    private static DataKey Key(byte fill) => DataKey.Read(Enumerable.Repeat(fill, DataKey.Bytes).ToArray())!;

    private static Sealer SealerOf(byte fill, string purpose = "spool") => DataAtRest.Under(Key(fill)).SealerFor(purpose)!;

    [Fact]
    public void What_is_sealed_opens_and_says_nothing_before()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("canary ", 1_000)));
        byte[] run = SealerOf(1).SealedCopy(text, About);
        Assert.Equal(text.Length + Sealer.OverheadBytes, run.Length);
        Assert.Equal(-1, run.AsSpan().IndexOf("canary"u8));
        Assert.True(SealerOf(1).TryOpen(run, About, out Span<byte> opened));
        Assert.True(opened.SequenceEqual(text));
    }

    [Fact]
    public void Equal_texts_are_sealed_differently() => Assert.NotEqual(SealerOf(1).SealedCopy("x"u8, About), SealerOf(1).SealedCopy("x"u8, About));

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        byte[] run = SealerOf(1).SealedCopy("some text"u8, About);
        for (int bit = 0; bit < run.Length * 8; bit++)
        {
            byte[] flipped = [.. run];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SealerOf(1).TryOpen(flipped, About, out _), $"bit {bit}");
        }
    }

    [Fact]
    public void Another_place_key_or_purpose_opens_nothing()
    {
        byte[] run = SealerOf(1).SealedCopy("some text"u8, About);
        Assert.False(SealerOf(1).TryOpen([.. run], "tile/entries/001"u8, out _));
        Assert.False(SealerOf(2).TryOpen([.. run], About, out _));
        Assert.False(SealerOf(1, "ledger").TryOpen([.. run], About, out _));
        Assert.False(SealerOf(1).TryOpen(run.AsSpan(0, Sealer.OverheadBytes - 1), About, out _));
    }

    [Fact]
    public void Keys_are_read_raw_as_hex_and_as_base64_and_never_print()
    {
        byte[] raw = RandomNumberGenerator.GetBytes(DataKey.Bytes);
        string hex = Convert.ToHexStringLower(raw), base64 = Convert.ToBase64String(raw);
        DataKey key = DataKey.Read(raw)!;
        Assert.Equal(key.Id, DataKey.Read(Encoding.ASCII.GetBytes(hex + "\n"))!.Id);
        Assert.Equal(key.Id, DataKey.Read(Encoding.ASCII.GetBytes(base64 + "\r\n"))!.Id);
        Assert.DoesNotContain(hex[..8], key.ToString(), StringComparison.OrdinalIgnoreCase);
        foreach (string wrong in (string[])["", "secret", hex[1..], hex + "00", base64[..40], new string('g', 64)]) Assert.Null(DataKey.Read(Encoding.ASCII.GetBytes(wrong)));
    }
}
