using System.Buffers.Binary;

namespace Waybill.Spool;

/// <summary>What stands before every record. Has a checksum of its own, so that a damaged payload can be stepped over, and a damaged header found out.</summary>
internal readonly record struct RecordHeader(ushort Version, uint Length, uint PayloadCrc, UInt128 RequestHash, long ReceivedUnixNano)
{
    // Little endian:
    //   0  u32  magic "WBR\x1a"
    //   4  u16  version
    //   6  u16  0
    //   8  u32  length of header and payload
    //  12  u32  CRC-32C of the payload
    //  16  u128 request hash
    //  32  i64  received, Unix nanoseconds
    //  40  u32  offset of the record in its segment   } stamped when the place is known
    //  44  u32  CRC-32C of bytes 0..43, seeded with the segment's id }
    // Payload: sections of { u8 table, u32 rows, u32 length, that many bytes of ClickHouse Native blocks }. In a record of version 2 the bytes of each section
    // are a run that Sealer has sealed. Checksums are of what is on disk, so what is torn or damaged is found without a key.
    public const int Bytes = 48;
    public const int SectionBytes = 9;
    public const ushort PlainVersion = 1, SealedVersion = 2;

    public bool IsSealed => Version == SealedVersion;

    /// <summary>What a sealed section belongs to: moved to another record or table it does not open.</summary>
    public static void WriteAbout(Span<byte> target, UInt128 requestHash, long receivedUnixNano, ReadOnlySpan<byte> section)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(target, requestHash);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], receivedUnixNano);
        section[..5].CopyTo(target[24..]);   // table and rows
    }

    public const int AboutBytes = 29;

    public static ReadOnlySpan<byte> Magic => "WBR\x1a"u8;

    public void Write(Span<byte> target)
    {
        target[..Bytes].Clear();
        Magic.CopyTo(target);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], PayloadCrc);
        BinaryPrimitives.WriteUInt128LittleEndian(target[16..], RequestHash);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], ReceivedUnixNano);
    }

    /// <summary>Binds a written header to its place.</summary>
    public static void Stamp(Span<byte> header, uint offset, uint seed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(header[44..], Crc32C.Of(header[..44], seed));
    }

    /// <returns>False for anything but a whole header that was stamped for this offset of this segment.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, long offset, uint seed, out RecordHeader header)
    {
        header = default;
        if (source.Length < Bytes || !source.StartsWith(Magic)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[40..]) != offset) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[44..]) != Crc32C.Of(source[..44], seed)) return false;

        header = new(
            BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt128LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]));
        return header.Length is >= Bytes and <= int.MaxValue;
    }
}
