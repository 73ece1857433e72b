using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Waybill.Map;
using Waybill.Traces;

namespace Waybill.Changes;

/// <summary>What was asked of a service before a change and after it: whole minutes, without the ones in which it was made.</summary>
/// <param name="Change">The id of the change.</param>
/// <param name="Before">Null when nothing was asked of it in that time.</param>
/// <param name="After">Null when nothing was asked of it, or no minute after the change is added up yet.</param>
/// <param name="Verdict">worse and better only where chance is no explanation; unknown where too little was asked.</param>
/// <param name="Reasons">What rose or fell, or why nothing is said.</param>
public sealed record ChangeEffect(string Change, string Service, string BeforeSinceUnixNano, string BeforeUntilUnixNano, string AfterSinceUnixNano, string AfterUntilUnixNano,
    Load? Before, Load? After, [AllowedValues("worse", "better", "same", "unknown")] string Verdict, IReadOnlyList<string> Reasons)
{
    private const double RequestsMin = 20;

    /// <summary>Whether the requests after went worse than those before. Pure.</summary>
    public static (string Verdict, IReadOnlyList<string> Reasons) Judge(Load? before, Load? after)
    {
        double asked = before?.RequestCount ?? 0, askedAfter = after?.RequestCount ?? 0;
        if (asked < RequestsMin || askedAfter < RequestsMin) return ("unknown", [$"Too few requests to tell: {Count(asked)} before, {Count(askedAfter)} after."]);
        List<string> worse = [], better = [];
        if (Health.ErrorsRose(after!, before!, Health.SurpriseMin)) worse.Add($"Errors rose from {Health.Percent(before!.ErrorRatio)} to {Health.Percent(after!.ErrorRatio)}.");
        if (Health.ErrorsRose(before!, after!, Health.SurpriseMin)) better.Add($"Errors fell from {Health.Percent(before!.ErrorRatio)} to {Health.Percent(after!.ErrorRatio)}.");
        if (Health.IsSlower(after!, before!)) worse.Add($"p95 rose from {Health.Milliseconds(before!.P95Nano)} to {Health.Milliseconds(after!.P95Nano)}.");
        if (Health.IsSlower(before!, after!)) better.Add($"p95 fell from {Health.Milliseconds(before!.P95Nano)} to {Health.Milliseconds(after!.P95Nano)}.");
        return worse.Count > 0 ? ("worse", [.. worse, .. better]) : better.Count > 0 ? ("better", better) : ("same", []);
    }

    private static string Count(double requests) => requests.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>The effects of a page of changes, of those that name a service.</summary>
public sealed record EffectListing(IReadOnlyList<ChangeEffect> Effects, int Minutes, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons);

/// <summary>The minutes that are compared. Unix seconds, the end excluded.</summary>
internal readonly record struct EffectWindow(long BeforeSince, long BeforeUntil, long AfterSince, long AfterUntil)
{
    private const long Minute = 60, NanoPerMinute = 60_000_000_000;

    public static EffectWindow Around(Change change, int minutes)
    {
        long end = Math.Max(change.StartedNano, change.FinishedNano ?? 0);
        long before = change.StartedNano / NanoPerMinute * Minute, after = (end + NanoPerMinute - 1) / NanoPerMinute * Minute;
        return new EffectWindow(before - minutes * Minute, before, after, after + minutes * Minute);
    }

    /// <summary>Without the minutes that are still to come.</summary>
    public EffectWindow EndingAt(long unixSeconds) => this with { AfterUntil = Math.Max(AfterSince, Math.Min(AfterUntil, unixSeconds)) };
}
