using System.Buffers.Binary;
using Waybill.Encryption;

namespace Waybill.Spool;

/// <summary>Opens the sections of a record of version 2.</summary>
internal static class SealedSections
{
    /// <summary>Decrypts a section, given with its header, in place; the sealer's head and tail stay where they are.</summary>
    /// <returns>False when it is not what was sealed, or not for this request and table.</returns>
    public static bool TryOpen(Span<byte> section, RecentRequest request, Sealer sealer)
    {
        Span<byte> about = stackalloc byte[RecordHeader.AboutBytes];
        RecordHeader.WriteAbout(about, request.Hash, request.ReceivedUnixNano, section);
        return sealer.TryOpen(section[RecordHeader.SectionBytes..], about, out _);
    }

    /// <summary>Whether all sections of a whole record open; it is open then.</summary>
    public static bool TryOpenAll(Span<byte> record, RecentRequest request, Sealer sealer)
    {
        for (int at = RecordHeader.Bytes; at < record.Length;)
        {
            int length = RecordHeader.SectionBytes + BinaryPrimitives.ReadInt32LittleEndian(record[(at + 5)..]);
            if (!TryOpen(record.Slice(at, length), request, sealer)) return false;
            at += length;
        }
        return true;
    }
}
