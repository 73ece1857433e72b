using Waybill.Engine;
using Waybill.Storage;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Logs;

/// <summary>A page of records, and where the next begins; null when there is none.</summary>
public sealed record LogPage(IReadOnlyList<LogRow> Rows, IReadOnlyList<PartialReason> Reasons, TimeRange Range, LogCursor? Next);

/// <summary>
/// Reads records page by page, from the newest or from the oldest, in slices of time that grow: a month costs what an hour costs. First only
/// times are read, then the whole records from the last of them on.
/// </summary>
public sealed class LogPages(LogTable logs, StorageHost storage, TimeProvider clock)
{
    private const long SliceNano = 60_000_000_000, SliceGrowth = 4;
    private const int TimeoutExceeded = 159;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    public async Task<LogPage> Read(LogSelection selection, LogCursor start, bool newestFirst, int limit, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        var times = new List<long>();
        int wanted = start.Shown + limit;
        TimeRange left = newestFirst ? start.Range with { UntilUnixNano = Math.Min(start.Range.UntilUnixNano, start.AtUnixNano + 1) } : start.Range with { SinceUnixNano = start.AtUnixNano };
        TimeRange whole = left;
        bool timedOut = false;
        for (long slice = SliceNano; left.SinceUnixNano < left.UntilUnixNano && times.Count <= wanted; slice *= SliceGrowth)
        {
            TimeRange now = newestFirst
                ? left with { SinceUnixNano = Math.Max(left.SinceUnixNano, left.UntilUnixNano - slice) }
                : left with { UntilUnixNano = Math.Min(left.UntilUnixNano, left.SinceUnixNano + slice) };
            double seconds = (TimeMax - clock.GetElapsedTime(began)).TotalSeconds;
            timedOut = seconds < 0.1;
            if (timedOut) break;
            try
            {
                times.AddRange(await logs.FindTimes(selection, now, newestFirst, wanted + 1 - times.Count, seconds, cancel));
            }
            catch (EngineException e) when (e.Code == TimeoutExceeded)
            {
                timedOut = true;
                break;
            }
            left = newestFirst ? left with { UntilUnixNano = now.SinceUnixNano } : left with { SinceUnixNano = now.UntilUnixNano };
        }
        bool more = times.Count > wanted;
        IReadOnlyList<LogRow> rows = [];
        if (times.Count > start.Shown)
        {
            long last = times[Math.Min(times.Count, wanted) - 1];
            TimeRange narrow = newestFirst ? whole with { SinceUnixNano = last } : whole with { UntilUnixNano = last + 1 };
            rows = [.. (await logs.ReadRows(selection, narrow, newestFirst, wanted, TimeMax.TotalSeconds, cancel)).Skip(start.Shown)];
        }
        return new LogPage(rows, Reasons(start.Range, more, timedOut, limit), start.Range, Next(start, rows, more, timedOut, newestFirst ? left.UntilUnixNano : left.SinceUnixNano));
    }

    private static LogCursor? Next(LogCursor start, IReadOnlyList<LogRow> rows, bool more, bool timedOut, long stoppedAt)
    {
        if (!more && !timedOut) return null;
        long at = more ? rows[^1].UnixNano : stoppedAt;
        int shown = rows.Count(row => row.UnixNano == at);
        return start with { AtUnixNano = at, Shown = at == start.AtUnixNano ? start.Shown + shown : shown };
    }

    private List<PartialReason> Reasons(TimeRange range, bool more, bool timedOut, int limit)
    {
        List<PartialReason> reasons = [];
        if (more) reasons.Add(new("over_limit", $"There are more records; {limit} are shown. Ask again with cursor set to nextCursor."));
        if (timedOut) reasons.Add(new("timeout", $"The search was stopped after {TimeMax.TotalSeconds:0} s. Ask again with cursor set to nextCursor, or narrow it: a service, a shorter time."));
        if (Behind(range) is { } behind) reasons.Add(behind);
        return reasons;
    }

    /// <summary>Said when the range reaches to what has arrived and cannot be searched yet.</summary>
    public PartialReason? Behind(TimeRange range)
    {
        if (storage.Spool.Status.OldestRecordUnixNano is not { } oldest || range.UntilUnixNano < oldest) return null;
        double seconds = clock.GetUtcNow().Subtract(DateTimeOffset.UnixEpoch).TotalSeconds - oldest / 1e9;
        return seconds < Completeness.Settling.TotalSeconds ? null : new("spool_behind", $"What arrived in the last {seconds:0} s is durable but not searchable yet.");
    }
}
