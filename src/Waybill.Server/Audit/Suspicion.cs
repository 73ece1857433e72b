using System.ComponentModel.DataAnnotations;

namespace Waybill.Audit;

/// <summary>One act, as far as its order matters.</summary>
public readonly record struct SeenAct(long Number, long UnixNano, string Actor, string Address, string Outcome);

/// <summary>An actor's access to a set of data.</summary>
public sealed record DataSetAccess(string Actor, string DataSet, long Count, long FirstUnixNano, long Number, string Address);

/// <summary>What an actor did within one stretch of time.</summary>
public sealed record Volume(string Actor, long BeginUnixSeconds, long Count, long Number, string Address);

/// <summary>Something in the ledger that somebody should look at.</summary>
/// <param name="Count">Of the rule's own measure: failures, or acts.</param>
/// <param name="Numbers">Entries it rests on, at most ten.</param>
public sealed record Suspicion(
    string Rule, [property: AllowedValues("low", "medium", "high")] string Severity, string Actor, string? Address, string Sentence, string FirstUnixNano, string LastUnixNano, long Count, IReadOnlyList<long> Numbers);

/// <summary>What the rules see in acts that were read for them. Pure.</summary>
internal static class Patterns
{
    private const long Second = 1_000_000_000;
    private const int NumbersShown = 10;

    /// <summary>So many failures of one actor, or of several from one address, and then a success.</summary>
    /// <param name="acts">In order of time.</param>
    public static IEnumerable<Suspicion> FailuresThenSuccess(SuspicionRule rule, IReadOnlyList<SeenAct> acts)
    {
        foreach (var group in acts.GroupBy(act => act.Actor))
            foreach (var (failures, success) in Runs(rule, group)) yield return Guessed(rule, failures, success);
        foreach (var group in acts.Where(act => act.Address.Length > 0).GroupBy(act => act.Address))
            foreach (var (failures, success) in Runs(rule, group))
                if (failures.Any(act => act.Actor != success.Actor)) yield return Guessed(rule, failures, success);
    }

    private static IEnumerable<(SeenAct[] Failures, SeenAct Success)> Runs(SuspicionRule rule, IEnumerable<SeenAct> acts)
    {
        var failures = new Queue<SeenAct>();
        foreach (SeenAct act in acts)
        {
            while (failures.Count > 0 && act.UnixNano - failures.Peek().UnixNano > rule.WithinSeconds * Second) failures.Dequeue();
            if (act.Outcome != "done")
            {
                failures.Enqueue(act);
                continue;
            }
            if (failures.Count >= rule.Least) yield return ([.. failures], act);
            failures.Clear();
        }
    }

    private static Suspicion Guessed(SuspicionRule rule, SeenAct[] failures, SeenAct success)
    {
        string[] actors = [.. failures.Select(act => act.Actor).Append(success.Actor).Distinct()], addresses = [.. failures.Select(act => act.Address).Append(success.Address).Where(at => at.Length > 0).Distinct()];
        string from = addresses.Length switch { 0 => "", 1 => $" from {addresses[0]}", _ => $" from {addresses.Length} addresses" };
        string who = actors.Length == 1 ? "" : $" under {actors.Length} names";
        return new Suspicion(rule.Name, rule.Severity, success.Actor, addresses.Length == 0 ? null : success.Address,
            $"{success.Actor} got in after {failures.Length} failures{who}{from} within {Minutes((success.UnixNano - failures[0].UnixNano) / Second)}.",
            $"{failures[0].UnixNano}", $"{success.UnixNano}", failures.Length, [.. failures.TakeLast(NumbersShown - 1).Select(act => act.Number), success.Number]);
    }

    /// <summary>Who has been here before opens data that others use and they never did.</summary>
    /// <param name="sinceUnixNano">Where the time that is asked about begins; before it lies what is known.</param>
    public static IEnumerable<Suspicion> FirstAccess(SuspicionRule rule, IReadOnlyList<DataSetAccess> accesses, long sinceUnixNano)
    {
        var known = accesses.Where(access => access.FirstUnixNano < sinceUnixNano).Select(access => access.Actor).ToHashSet();
        var used = accesses.Where(access => access.FirstUnixNano < sinceUnixNano).GroupBy(access => access.DataSet).ToDictionary(group => group.Key, group => group.Sum(access => access.Count));
        return accesses.Where(access => access.FirstUnixNano >= sinceUnixNano && known.Contains(access.Actor) && used.GetValueOrDefault(access.DataSet) >= rule.Least).Select(access => new Suspicion(
            rule.Name, rule.Severity, access.Actor, access.Address.Length == 0 ? null : access.Address,
            $"{access.Actor} opened {access.DataSet} for the first time in {Minutes(rule.LookBackSeconds)}; it was opened {used[access.DataSet]} times by others.",
            $"{access.FirstUnixNano}", $"{access.FirstUnixNano}", access.Count, [access.Number]));
    }

    /// <summary>Far more than the same actor ever did in as long a time.</summary>
    /// <param name="volumes">In order of time.</param>
    public static IEnumerable<Suspicion> UnusualVolume(SuspicionRule rule, IReadOnlyList<Volume> volumes, long sinceUnixNano)
    {
        foreach (var group in volumes.GroupBy(volume => volume.Actor))
        {
            long most = 0;
            foreach (Volume volume in group)
            {
                // Without a past there is no usual; then only ten times the least is worth a look.
                long bound = most == 0 ? rule.Least * 10 : Math.Max(rule.Least, (long)(most * rule.Factor));
                if (volume.BeginUnixSeconds * Second >= sinceUnixNano && volume.Count >= bound)
                    yield return new Suspicion(rule.Name, rule.Severity, volume.Actor, volume.Address.Length == 0 ? null : volume.Address,
                        most == 0 ? $"{volume.Actor} did {volume.Count} such acts within {Minutes(rule.WithinSeconds)}, and none before." : $"{volume.Actor} did {volume.Count} such acts within {Minutes(rule.WithinSeconds)}; the most before were {most}.",
                        $"{volume.BeginUnixSeconds * Second}", $"{(volume.BeginUnixSeconds + rule.WithinSeconds) * Second}", volume.Count, [volume.Number]);
                most = Math.Max(most, volume.Count);
            }
        }
    }

    private static string Minutes(long seconds) => seconds switch
    {
        < 120 => $"{seconds} s", < 7_200 => $"{seconds / 60} min", < 172_800 => $"{seconds / 3_600} h", _ => $"{seconds / 86_400} days",
    };
}
