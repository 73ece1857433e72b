namespace Waybill.Causes.Synthetic;

/// <summary>One incident: a made-up system, ten healthy minutes, then a window with a fault. Everything follows from the kind and the seed.</summary>
internal sealed record Scenario(FaultKind Kind, int Seed, SystemTraits Traits, int WindowSeconds, SyntheticFault? Fault, SyntheticTraffic Traffic, long SinceNano, long UntilNano)
{
    public const int BaselineSeconds = 600;
    private const long Second = 1_000_000_000;
    private const int SpansMax = 300_000;
    private static readonly int[] Windows = [60, 60, 120, 300];

    /// <summary>Null when the system has nothing that this fault could be seen in, or is larger than a run should send.</summary>
    public static Scenario? Create(FaultKind kind, int seed, long beginNano)
    {
        var random = new Random(seed * 100 + (int)kind);
        var traits = new SystemTraits(8 + random.Next(35), 3 + random.Next(12), random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0,
            random.Next(3) == 0 ? 40 : 0, random.Next(5) == 0 ? 0.2 : 1, random.Next(4) == 0 ? 0.5 + random.NextDouble() * 2 : 1, random.Next(4) == 0);
        int window = Windows[random.Next(Windows.Length)];
        var system = SyntheticSystem.Create(traits, random);
        long since = beginNano + BaselineSeconds * Second, until = since + window * Second;
        var fault = SyntheticFault.Create(kind, system, traits.TracesPerSecond * traits.SampledRatio * window, random);
        if (fault is null && kind != FaultKind.None) return null;
        var traffic = new SyntheticTraffic(system, fault, since, until, random);
        traffic.Run(beginNano, until + 5 * Second, since);
        return traffic.Spans.Count > SpansMax ? null : new Scenario(kind, seed, traits, window, fault, traffic, since, until);
    }

    /// <summary>Whether a suspect's service is the right one. Of a wrong parameter without any status both ends look the same.</summary>
    public bool IsCulprit(string? service) => Fault is not null && (service == Fault.Service.Name
        || (Kind == FaultKind.WrongParameter && !Traits.Statuses && service == Fault.Operation!.Steps[Fault.Step].Callee!.Service.Name));

    public IEnumerable<string> TraitNames()
    {
        yield return Traits.ClientSpans ? "client spans" : "no client spans";
        yield return Traits.Kinds ? "span kinds" : "no span kinds";
        yield return Traits.Statuses ? "statuses" : "no statuses";
        yield return WindowSeconds == 60 ? "window of 1 min" : "window of 2 or 5 min";
        yield return Traits.SkewMsMax > 0 ? "clocks off by up to 40 ms" : "clocks right";
        yield return Traits.SampledRatio < 1 ? "1 of 5 traces kept" : "all traces kept";
        yield return Traits.Deep ? "deep chains" : "flat";
        yield return Traits.LoadChange != 1 ? "traffic changes with the fault" : "same traffic";
        if (Fault is not null) yield return Fault.Instance is null ? "whole service" : "one instance";
    }
}
