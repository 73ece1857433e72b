using System.Buffers.Binary;
using System.Buffers.Text;
using Waybill.Batches;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>Where a page of a search ended: traces come in the order of their newest matched span and then of their id, both descending. Carries the range, so that pages fit together while time goes on.</summary>
public readonly record struct SearchCursor(TimeRange Range, long AtUnixNano, TraceId TraceId)
{
    private const int Bytes = 40;

    /// <summary>Before everything in the range.</summary>
    public static SearchCursor Start(TimeRange range) => new(range, range.UntilUnixNano, default);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Range.SinceUnixNano);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Range.UntilUnixNano);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], AtUnixNano);
        Convert.FromHexString(TraceId.ToString()).CopyTo(bytes[24..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out SearchCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text.Length > 64 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out int length) || length != Bytes) return false;
        var range = new TimeRange(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));
        long at = BinaryPrimitives.ReadInt64BigEndian(bytes[16..]);
        if (range.SinceUnixNano >= range.UntilUnixNano || at < range.SinceUnixNano || at > range.UntilUnixNano) return false;
        cursor = new(range, at, new TraceId(bytes[24..]));
        return true;
    }

    /// <summary>Whether a trace comes later in the order.</summary>
    public bool IsBefore(long atUnixNano, TraceId id) =>
        atUnixNano < AtUnixNano || (atUnixNano == AtUnixNano && string.CompareOrdinal(id.ToString(), TraceId.ToString()) < 0);
}
