namespace Waybill.Why;

/// <summary>One minute of an operation in one version: how often it ran, and failed or was slow, whichever was asked. Weighted.</summary>
public readonly record struct OperationMinute(uint UnixSeconds, ulong Resource, double Requests, double Errors);

/// <summary>When an operation began to fail.</summary>
/// <param name="UnixSeconds">The first minute of the worse time.</param>
/// <param name="RatioBefore">Share of failed requests before it.</param>
public sealed record Onset(uint UnixSeconds, double RatioBefore, double RatioAfter, double RequestsBefore, double RequestsAfter)
{
    /// <summary>How surprising the difference must be (two-proportion z): three in a hundred thousand by chance, since every minute is tried.</summary>
    private const double SurpriseMin = 4;
    /// <summary>Fewer failures say nothing of a share.</summary>
    private const double FailuresMin = 5;
    /// <summary>A clean time before the first failure is a beginning if chance alone would keep all failures behind it less often than this.</summary>
    private const double CleanByChanceMax = 0.01;

    /// <summary>The latest it can have begun for something that was bad already: within its minute, and before that.</summary>
    public long LatestUnixNano(long badUnixNano) => Math.Min(badUnixNano, (UnixSeconds + 60) * 1_000_000_000L);

    /// <summary>The minute that divides the history best into before and after, if the after is worse by more than chance.</summary>
    /// <returns>Null when the share of failures did not change.</returns>
    public static Onset? Find(IEnumerable<OperationMinute> history)
    {
        (uint At, double Requests, double Errors)[] minutes = [.. history.GroupBy(minute => minute.UnixSeconds).OrderBy(minute => minute.Key)
            .Select(minute => (minute.Key, minute.Sum(of => of.Requests), minute.Sum(of => of.Errors)))];
        double requests = minutes.Sum(minute => minute.Requests), errors = minutes.Sum(minute => minute.Errors);
        double requestsBefore = 0, errorsBefore = 0, best = SurpriseMin;
        Onset? onset = null;
        foreach (var (at, here, failed) in minutes)
        {
            double requestsAfter = requests - requestsBefore, errorsAfter = errors - errorsBefore;
            if (requestsBefore > 0 && requestsAfter > 0 && errors < requests)
            {
                double pooled = errors / requests, deviation = Math.Sqrt(pooled * (1 - pooled) * (1 / requestsBefore + 1 / requestsAfter));
                double surprise = deviation > 0 ? (errorsAfter / requestsAfter - errorsBefore / requestsBefore) / deviation : 0;
                if (surprise > best && errorsAfter >= FailuresMin)
                {
                    best = surprise;
                    onset = new Onset(at, errorsBefore / requestsBefore, errorsAfter / requestsAfter, requestsBefore, requestsAfter);
                }
            }
            requestsBefore += here;
            errorsBefore += failed;
        }
        return onset ?? FirstFailure(minutes, requests, errors);
    }

    private static Onset? FirstFailure((uint At, double Requests, double Errors)[] minutes, double requests, double errors)
    {
        int first = Array.FindIndex(minutes, minute => minute.Errors > 0);
        if (first <= 0) return null;
        double before = minutes[..first].Sum(minute => minute.Requests), after = requests - before;
        return Math.Pow(after / requests, errors) <= CleanByChanceMax ? new Onset(minutes[first].At, 0, errors / after, before, after) : null;
    }
}
