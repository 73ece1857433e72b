using System.Buffers.Binary;
using Waybill.Blocks;
using Waybill.Spool;

namespace Waybill.SpoolWriter;

/// <summary>
/// Records that can be told apart. Table 1 gets 8 bytes, the number; table 2 gets a run of up to 3,000 bytes that follows from the number.
/// All records of an equal size are had with <paramref name="runBytes"/>.
/// </summary>
public static class NumberedRecord
{
    public static void Fill(SpoolRecord record, long number, TimeProvider time, int? runBytes = null)
    {
        record.Begin((UInt128)number, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        BinaryPrimitives.WriteInt64LittleEndian(record.BeginSection(1).Take(8), number);
        record.EndSection(1);
        record.BeginSection(2).Write(Run(number, runBytes));
        record.EndSection(3);
        record.Complete();
    }

    public static byte[] Run(long number, int? runBytes = null)
    {
        byte[] run = new byte[runBytes ?? (int)(number * 7919 % 3000)];
        new Random((int)number).NextBytes(run);
        return run;
    }
}
