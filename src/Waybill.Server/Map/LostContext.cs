using System.ComponentModel.DataAnnotations;
using Waybill.Catalogs;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Map;

public sealed record LostPoint(string TimeUnixNano, double LostCount, double TotalCount);

/// <summary>An edge over which context gets lost. Counts are weighted.</summary>
/// <param name="Kind">parent_missing: spans name a parent that was not received. root_without_context: work began without knowing its cause. child_missing: a call to an instrumented peer has no span on the other side.</param>
/// <param name="From">Who should have passed the context on; null when nobody is known to call there.</param>
/// <param name="Via">The topic between the two.</param>
/// <param name="Owner">Who owns the service at which to mend it, as the catalog says.</param>
/// <param name="Examples">Traces in which it was lost, at most five.</param>
public sealed record LostEdge(
    string Id, [AllowedValues("parent_missing", "root_without_context", "child_missing")] string Kind, string? From, string To, string? Via, string Operation,
    double LostCount, double TotalCount, double LostRatio, double PreviousLostRatio, [AllowedValues("new", "rising", "steady", "falling")] string Trend,
    IReadOnlyList<LostPoint> Points, IReadOnlyList<string> Examples, string Sentence, string Fix, string? Owner);

public sealed record LostContextReport(
    string SinceUnixNano, string UntilUnixNano, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons,
    double LostCount, double CandidateCount, double LostRatio, IReadOnlyList<LostEdge> Edges);

/// <summary>One stored edge in one slice of time.</summary>
public sealed record EdgeSlice(string Edge, string Source, string Target, string Operation, string Peer, uint UnixSeconds, double Requests, double Orphans, double Uncaused, IReadOnlyList<string> Examples);

/// <summary>Attributes lost context to the edge that lost it: pure.</summary>
/// <param name="slices">Edges of the window, by slices of time.</param>
/// <param name="earlier">Edges of the window before.</param>
public sealed class LostContexts(IReadOnlyList<EdgeSlice> slices, IReadOnlyList<EdgeSlice> earlier)
{
    /// <summary>A server operation that mostly has a caller has one always: its few roots lost theirs. One with more roots than that is an entrance.</summary>
    private const double CallersPerRootMin = 4, CallsMin = 10;
    private const double SurpriseMin = 3;
    private const int ExamplesMax = 5;

    private readonly record struct Loss(string Kind, string? From, string To, string? Via, string Operation);

    private sealed class Tally
    {
        public double Lost, Total;
        public SortedDictionary<uint, (double Lost, double Total)> Points { get; } = [];
        public List<string> Examples { get; } = [];
    }

    public LostContextReport Report(TimeRange range, int limit, List<PartialReason> reasons, Func<string, CatalogEntry?> entryOf)
    {
        Dictionary<Loss, Tally> now = Count(slices), before = Count(earlier);
        LostEdge[] edges = [.. now.Where(of => of.Value.Lost > 0).Select(of => ToEdge(of.Key, of.Value, before.GetValueOrDefault(of.Key), entryOf))
            .OrderByDescending(edge => edge.LostCount).ThenBy(edge => edge.Id, StringComparer.Ordinal)];
        if (edges.Length > limit) reasons.Add(new("over_limit", $"{edges.Length - limit} more edges lost context; raise limit."));
        double lost = now.Values.Sum(of => of.Lost), candidates = slices.Where(slice => slice.Edge is "call" or "consume").Sum(slice => slice.Requests)
            + slices.Where(slice => slice.Edge == "entry").Sum(slice => slice.Orphans) + now.Where(of => of.Key.Kind != "parent_missing" && of.Key.Via is null).Sum(of => of.Value.Lost);
        return new LostContextReport(MapWindow.Text(range.SinceUnixNano), MapWindow.Text(range.UntilUnixNano), reasons.Count == 0 ? "complete" : "partial", reasons,
            Math.Round(lost, 3), Math.Round(candidates, 3), candidates > 0 ? Math.Round(lost / candidates, 6) : 0, [.. edges.Take(limit)]);
    }

    private static Dictionary<Loss, Tally> Count(IReadOnlyList<EdgeSlice> slices)
    {
        var tallies = new Dictionary<Loss, Tally>();
        var callerOf = Usual(slices.Where(slice => slice.Edge == "call"), slice => (slice.Target, slice.Operation), slice => slice.Source);
        var anyCallerOf = Usual(slices.Where(slice => slice.Edge == "call"), slice => slice.Target, slice => slice.Source);
        var senderTo = Usual(slices.Where(slice => slice.Edge == "publish"), slice => slice.Target, slice => slice.Source);
        var senderOf = Usual(slices.Where(slice => slice is { Edge: "consume", Peer: not "" }), slice => (slice.Source, slice.Target), slice => $"service:{slice.Peer}");
        var behind = Usual(slices.Where(slice => slice is { Edge: "call", Peer: not "" }), slice => (slice.Source, slice.Peer), slice => slice.Target);
        var calls = slices.Where(slice => slice.Edge == "call").GroupBy(slice => (slice.Target, slice.Operation)).ToDictionary(group => group.Key, group => group.Sum(slice => slice.Requests));
        var roots = slices.Where(slice => slice.Edge == "entry").GroupBy(slice => (slice.Target, slice.Operation)).ToDictionary(group => group.Key, group => group.Sum(slice => slice.Requests - slice.Orphans));

        foreach (EdgeSlice slice in slices)
        {
            var operation = (slice.Target, slice.Operation);
            switch (slice.Edge)
            {
                case "consume":
                    string? sender = senderTo.GetValueOrDefault(slice.Source) ?? senderOf.GetValueOrDefault((slice.Source, slice.Target));
                    Add(new Loss("root_without_context", sender, slice.Target, slice.Source, slice.Operation), slice, slice.Uncaused, slice.Requests);
                    Add(new Loss("parent_missing", sender, slice.Target, slice.Source, slice.Operation), slice, slice.Orphans, slice.Requests);
                    break;
                case "call" or "entry":
                    string? caller = callerOf.GetValueOrDefault(operation) ?? anyCallerOf.GetValueOrDefault(slice.Target);
                    Add(new Loss("parent_missing", caller, slice.Target, null, slice.Operation), slice, slice.Orphans, slice.Requests);
                    double parented = calls.GetValueOrDefault(operation), rootless = roots.GetValueOrDefault(operation);
                    if (parented >= CallsMin && rootless > 0 && parented >= CallersPerRootMin * rootless)
                        Add(new Loss("root_without_context", caller, slice.Target, null, slice.Operation), slice, slice.Edge == "entry" ? slice.Requests - slice.Orphans : 0, slice.Requests);
                    if (slice is { Edge: "call", Peer: not "" }) Add(new Loss("child_missing", slice.Source, slice.Target, null, ""), slice, 0, slice.Requests);
                    break;
                case "external" when behind.TryGetValue((slice.Source, slice.Peer), out string? target):
                    Add(new Loss("child_missing", slice.Source, target, null, ""), slice, slice.Requests, slice.Requests);
                    break;
            }
        }
        return tallies;

        void Add(Loss loss, EdgeSlice slice, double lost, double total)
        {
            if (!tallies.TryGetValue(loss, out Tally? tally)) tallies.Add(loss, tally = new Tally());
            tally.Lost += lost;
            tally.Total += total;
            var point = tally.Points.GetValueOrDefault(slice.UnixSeconds);
            tally.Points[slice.UnixSeconds] = (point.Lost + lost, point.Total + total);
            if (lost > 0) tally.Examples.AddRange(slice.Examples);
        }
    }

    /// <summary>For each key, the value that carries most of the traffic.</summary>
    private static Dictionary<TKey, string> Usual<TKey>(IEnumerable<EdgeSlice> slices, Func<EdgeSlice, TKey> key, Func<EdgeSlice, string> value) where TKey : notnull =>
        slices.GroupBy(key).ToDictionary(group => group.Key, group => group.GroupBy(value).OrderByDescending(of => of.Sum(slice => slice.Requests)).ThenBy(of => of.Key, StringComparer.Ordinal).First().Key);

    private static LostEdge ToEdge(Loss loss, Tally now, Tally? before, Func<string, CatalogEntry?> entryOf)
    {
        double ratio = now.Total > 0 ? now.Lost / now.Total : 0, previous = before is { Total: > 0 } ? before.Lost / before.Total : 0;
        return new LostEdge($"{loss.Kind}|{loss.From}|{loss.Via}|{loss.To}|{loss.Operation}", loss.Kind, loss.From, loss.To, loss.Via, loss.Operation,
            Math.Round(now.Lost, 3), Math.Round(now.Total, 3), Math.Round(ratio, 6), Math.Round(previous, 6), Trend(now, before),
            [.. now.Points.Select(point => new LostPoint($"{point.Key}000000000", Math.Round(point.Value.Lost, 3), Math.Round(point.Value.Total, 3)))],
            [.. now.Examples.Distinct().Take(ExamplesMax)], Sentence(loss, now), Fix(loss), entryOf(Name(loss.From ?? loss.To))?.Owner);
    }

    private static string Trend(Tally now, Tally? before)
    {
        if (before is not { Total: > 0 } || before.Lost == 0) return "new";
        double a = now.Lost / now.Total, b = before.Lost / before.Total, pooled = (now.Lost + before.Lost) / (now.Total + before.Total);
        double deviation = Math.Sqrt(pooled * (1 - pooled) * (1 / now.Total + 1 / before.Total));
        double surprise = deviation > 0 ? (a - b) / deviation : 0;
        return surprise >= SurpriseMin ? "rising" : surprise <= -SurpriseMin ? "falling" : "steady";
    }

    private static string Sentence(Loss loss, Tally tally)
    {
        string lost = Health.Number(tally.Lost), total = Health.Number(tally.Total), to = Name(loss.To), from = loss.From is { } known ? Name(known) : "an unknown sender";
        return (loss.Kind, loss.Via) switch
        {
            ("root_without_context", { } via) => $"{lost} of {total} messages of {Name(via)} were processed by {to} without the context of their sender {from}.",
            ("root_without_context", null) => $"{lost} of {total} calls of {loss.Operation} arrived at {to} without the context of their caller, usually {from}.",
            ("parent_missing", { } via) => $"{lost} of {total} messages of {Name(via)} were processed by {to} under a parent that was not received, usually of {from}.",
            ("parent_missing", null) => $"{lost} of {total} {loss.Operation} of {to} name a parent that was not received{(loss.From is null ? "" : $", usually of {from}")}.",
            _ => $"{lost} of {total} calls from {from} to {to} have no span on the other side.",
        };
    }

    private static string Fix(Loss loss) => (loss.Kind, loss.Via) switch
    {
        ("root_without_context", { } via) => $"Write traceparent into the headers of messages {(loss.From is { } from ? $"where {Name(from)} sends" : "that are sent")} to {Name(via)}, and read it in {Name(loss.To)} as parent or link.",
        ("root_without_context", null) => $"Check that {(loss.From is { } from ? Name(from) : "the caller")} sends traceparent with {loss.Operation}, and that no proxy between removes it.",
        ("parent_missing", _) => $"Check that {(loss.From is { } from ? Name(from) : "the sender")} exports its spans here, without sampling them on its own, and before it ends.",
        _ => $"Check that {Name(loss.To)} exports its spans here and takes traceparent from the request; a sampler of its own drops what its caller kept.",
    };

    private static string Name(string id)
    {
        string name = id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return id.StartsWith("queue:", StringComparison.Ordinal) ? name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..] : name;
    }
}
