namespace Waybill.Why;

/// <summary>Something is asked for far more often than it was. Requests a minute.</summary>
/// <param name="BeganUnixSeconds">The first minute of it.</param>
public sealed record Surge(long BeganUnixSeconds, double Usual, double Now)
{
    private const int RequestsMin = 30, Factor = 4, MinutesBeforeMin = 2;

    /// <param name="minutes">Requests by minute, in order of time; a minute that is left out had none.</param>
    /// <param name="atUnixSeconds">Around when.</param>
    /// <returns>Null when it is asked for as often as before, or there is no before.</returns>
    public static Surge? Find(IReadOnlyList<(long UnixSeconds, double Requests)> minutes, long atUnixSeconds)
    {
        double most = minutes.Where(minute => Math.Abs(minute.UnixSeconds - atUnixSeconds) < 120).Select(minute => minute.Requests).DefaultIfEmpty().Max();
        if (most < RequestsMin) return null;
        // The first minute from which it stays so: the time before is what is usual.
        long began = minutes.First(minute => minute.Requests * 2 >= most).UnixSeconds;
        var before = minutes.Where(minute => minute.UnixSeconds < began - 60).ToList();   // the minute just before may have its begin in it
        if (before.Count < MinutesBeforeMin) return null;
        double usual = before.Sum(minute => minute.Requests) / Math.Max(before.Count, (began - 60 - before[0].UnixSeconds) / 60.0);
        return most >= Factor * Math.Max(1, usual) ? new Surge(began, usual, most) : null;
    }
}
