using Waybill.Web;

namespace Waybill.Search;

/// <summary>Divides a range of time from its end to its begin: a short slice first, each next one longer, shorter again when one was too much.</summary>
internal sealed class TimeSlices(TimeRange range, long firstNano)
{
    private const int Growth = 6, Shrinking = 4;
    private const long LeastNano = 60_000_000_000;

    private long _length = firstNano;
    private long _until = range.UntilUnixNano;

    /// <summary>What is looked at now; null when the whole range was.</summary>
    public TimeRange? Current => _until <= range.SinceUnixNano ? null : new TimeRange(Math.Max(range.SinceUnixNano, _until - _length), _until);

    public void Next()
    {
        _until -= _length;
        _length *= Growth;
    }

    /// <summary>Tries less at a time.</summary>
    /// <returns>False when it is the least already.</returns>
    public bool Shrink()
    {
        if (_length <= LeastNano) return false;
        _length = Math.Max(LeastNano, Math.Min(_length, _until - range.SinceUnixNano) / Shrinking);
        return true;
    }
}
