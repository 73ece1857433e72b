using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Waybill.Spool;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData(0u, "")]
    [InlineData(0xE3069283u, "123456789")]   // the check value of CRC-32C
    [InlineData(0x22620404u, "The quick brown fox jumps over the lazy dog")]
    public void Gives_the_published_values(uint expected, string text) => Assert.Equal(expected, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Is_the_same_in_whatever_parts_the_bytes_are_added() =>
        Prop.ForAll<byte[], int>((bytes, cut) =>
        {
            int at = bytes.Length == 0 ? 0 : (int)((uint)cut % (uint)bytes.Length);
            return Crc32C.Of(bytes) == Crc32C.Finish(Crc32C.Add(Crc32C.Add(Crc32C.Start, bytes.AsSpan(0, at)), bytes.AsSpan(at)));
        }).QuickCheckThrowOnFailure();
}
