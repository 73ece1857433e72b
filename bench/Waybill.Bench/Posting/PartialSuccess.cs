namespace Waybill.Posting;

internal static class PartialSuccess
{
    // ExportTraceServiceResponse { partial_success = 1: { rejected_spans = 1: int64, error_message = 2: string } }
    //   0a LEN  08 COUNT  [12 LEN TEXT]
    /// <summary>Whether an export answer says that spans were rejected.</summary>
    public static bool Rejects(ReadOnlySpan<byte> reply)
    {
        if (reply.Length < 2 || reply[0] != 0x0a) return false;
        int at = 1;
        while (at < reply.Length && reply[at] >= 0x80) at++;   // LEN is longer than a byte when the message is
        at++;
        return at + 1 < reply.Length && reply[at] == 0x08 && reply[at + 1] != 0;
    }
}
