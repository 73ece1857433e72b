using System.Numerics;
using System.Runtime.InteropServices;

namespace Waybill.Spool;

/// <summary>CRC-32C (Castagnoli, RFC 3720 B.4), by the processor's own instruction. Continues: start from <see cref="Start"/>, add, <see cref="Finish"/>.</summary>
internal static class Crc32C
{
    public const uint Start = uint.MaxValue;

    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (byte b in bytes[(words.Length * 8)..]) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }

    public static uint Finish(uint crc) => ~crc;

    public static uint Of(ReadOnlySpan<byte> bytes, uint seed = 0) => Finish(Add(Start ^ seed, bytes));
}
