using System.Globalization;
using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>Spans of one operation in the window, the bad ones and the others: what do the bad ones carry that the others do not?</summary>
/// <param name="Finding">What is wrong with the bad ones.</param>
public sealed record Contrast(Finding Finding, string Operation, IReadOnlyList<int> Bad, IReadOnlyList<int> Good);

/// <summary>
/// Finds the attribute value that tells bad spans from good ones of the same operation: a customer, a build, a shard. What a span was asked is on it or above it;
/// what lies beside or below it may follow from the failure, and is not looked at. Pure.
/// </summary>
public static class AttributeContrast
{
    public const int SpansMin = 8;
    /// <summary>Most of the bad spans carry it, and few of the good ones: the difference of the two shares (Youden's J).</summary>
    private const double BadShareMin = 0.5, EffectMin = 0.4, ChanceMax = 0.01;
    /// <summary>A value narrows a suspect; it accuses nobody by itself.</summary>
    private const double Most = 0.2;
    /// <summary>A key that the good spans hardly have was written because of the failure.</summary>
    private const double KeyShareMin = 0.5;
    private const double SameEffect = 0.03;
    private const int OthersMax = 2;

    /// <summary>How it ended, or where it ran: the one follows from the failure, the other is judged by <see cref="Instances"/>.</summary>
    private static readonly string[] OutcomePrefixes = ["exception.", "error", "http.response.", "http.status", "otel.status", "rpc.grpc.status", "rpc.response.", "db.response.", "http.request.resend", "process.", "thread.", "code.", "host.", "container.", "k8s.pod.", "telemetry."];
    private static readonly string[] OutcomeSuffixes = [".port", ".pid", ".status_code", ".status", "instance.id", "status.code", "_pod", ".duration", ".elapsed"];

    private sealed class Counts
    {
        public int Bad, Good;
    }

    /// <param name="bad">Of each bad span the attributes of it and of all above it.</param>
    /// <param name="instances">Values that name an instance.</param>
    /// <returns>Null when no value tells them apart.</returns>
    public static Finding? Find(Contrast contrast, IReadOnlyList<IReadOnlySet<(string Key, string Value)>> bad, IReadOnlyList<IReadOnlySet<(string Key, string Value)>> good, Func<string, bool> isInstance)
    {
        if (bad.Count < SpansMin || good.Count < SpansMin) return null;
        var values = new Dictionary<(string Key, string Value), Counts>();
        var keys = new Dictionary<string, Counts>();
        foreach (var span in bad) Count(span, isBad: true);
        foreach (var span in good) Count(span, isBad: false);
        var telling = new List<(string Key, string Value, double BadShare, double GoodShare, double Sure)>();
        foreach (var ((key, value), count) in values)
        {
            double badShare = (double)count.Bad / bad.Count, goodShare = (double)count.Good / good.Count;
            if (badShare < BadShareMin || badShare - goodShare < EffectMin || IsOutcome(key) || isInstance(value)) continue;
            if ((double)keys[key].Good / good.Count < KeyShareMin * keys[key].Bad / bad.Count) continue;
            double chance = values.Count * Shift.TailOf(count.Bad, bad.Count, count.Bad + count.Good, bad.Count + good.Count);
            if (chance < ChanceMax) telling.Add((key, value, badShare, goodShare, 1 - chance));
        }
        if (telling.Count == 0) return null;
        telling.Sort((a, b) => Effect(b).CompareTo(Effect(a)) is not 0 and var by ? by : string.CompareOrdinal(a.Key + '\n' + a.Value, b.Key + '\n' + b.Value));
        var best = telling[0];
        string[] others = [.. telling.Skip(1).Where(t => Effect(best) - Effect(t) < SameEffect).Take(OthersMax).Select(t => $"{t.Key} = {Shorten(t.Value)}")];
        return new Finding("attribute", contrast.Finding.Fault, contrast.Finding.Service, Most * Effect(best) * best.Sure, contrast.Finding.Explained, string.Create(CultureInfo.InvariantCulture,
            $"{best.Key} = {Shorten(best.Value)} is on {best.BadShare:P1} of the bad {contrast.Operation} and on {best.GoodShare:P1} of the others{(others.Length == 0 ? "" : $", as is {string.Join(" and ", others)}")}"))
        {
            Attribute = new AttributeValue(best.Key, best.Value), Effect = Effect(best), Unit = "ratio", Baseline = best.GoodShare, Window = best.BadShare, BaselineCount = contrast.Good.Count, WindowCount = contrast.Bad.Count,
            Bad = contrast.Bad, Good = contrast.Good,
        };

        void Count(IReadOnlySet<(string Key, string Value)> span, bool isBad)
        {
            foreach (var pair in span) Add(CollectionsMarshal.GetValueRefOrAddDefault(values, pair, out _) ??= new Counts(), isBad);
            foreach (string key in span.Select(pair => pair.Key).Distinct()) Add(CollectionsMarshal.GetValueRefOrAddDefault(keys, key, out _) ??= new Counts(), isBad);
        }
    }

    private static double Effect((string, string, double BadShare, double GoodShare, double) telling) => telling.BadShare - telling.GoodShare;

    private static void Add(Counts counts, bool isBad)
    {
        if (isBad) counts.Bad++;
        else counts.Good++;
    }

    private static bool IsOutcome(string key)
    {
        string name = key.StartsWith("resource.", StringComparison.Ordinal) ? key[9..] : key;
        return OutcomePrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || OutcomeSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
    }

    private static string Shorten(string value) => value.Length <= 80 ? value : value[..80] + "...";
}
