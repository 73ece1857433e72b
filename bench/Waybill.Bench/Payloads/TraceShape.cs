namespace Waybill.Payloads;

/// <summary>OTLP span kinds, by their wire number.</summary>
internal enum Kind { Internal = 1, Server = 2, Client = 3, Producer = 4, Consumer = 5 }

/// <param name="Parent">Index in the trace; -1 for the root.</param>
/// <param name="Source">The <see cref="Route"/>, <see cref="Statement"/>, <see cref="Topic"/> or <see cref="Step"/> the span is one run of.</param>
/// <param name="StartNano">After the trace's start.</param>
internal sealed record SpanShape(int Parent, string Service, Kind Kind, object Source, long StartNano, long DurationNano)
{
    public bool Failed { get; init; }
}

/// <summary>The tree of one request through the shop: sizes are exponential, children lie inside their parents, consumers after their producers.</summary>
internal static class TraceShape
{
    /// <summary>Gives a mean of about 14 spans after rounding up and the cap.</summary>
    private const double SpansMean = 13.6;
    private const double ErrorShare = 0.014;
    public const int SpansMax = 150;

    public static List<SpanShape> Grow(Chance chance, int spansLeft)
    {
        int size = Math.Min(Math.Min(SpansMax, spansLeft), 1 + (int)chance.Exponential(SpansMean));
        var entrances = Array.FindAll(Shop.Routes, route => route.Service == "gateway");
        long duration = 2_000_000 + (long)(chance.Exponential(40) * 1_000_000) * (1 + size / 8);
        var spans = new List<SpanShape>(size) { new(-1, "gateway", Kind.Server, chance.Pick(entrances), 0, duration) };
        while (spans.Count < size) Extend(spans, chance, size - spans.Count);
        for (int i = 0; i < spans.Count; i++)
            if (chance.Happens(ErrorShare)) spans[i] = spans[i] with { Failed = true };
        return spans;
    }

    private static void Extend(List<SpanShape> spans, Chance chance, int room)
    {
        int at = Pick(spans, chance);
        string service = spans[at].Service;

        double what = chance.Unit();
        if (what < (service == "gateway" ? 0.85 : 0.36) && room >= 2) Call(spans, chance, at, service);
        else if (what < 0.46 && room >= 2 && Array.FindAll(Shop.Topics, topic => topic.Producer == service) is { Length: > 0 } topics) Publish(spans, chance, at, chance.Pick(topics));
        else if (what < 0.74 && Array.FindAll(Shop.Statements, statement => statement.Service == service) is { Length: > 0 } statements)
            spans.Add(Within(spans, chance, at, service, Kind.Client, chance.Pick(statements)));
        else
            spans.Add(Within(spans, chance, at, service, Kind.Internal,
                Array.Find(Shop.Steps, step => step.Service == service) ?? new Step(service, "handle")));
    }

    /// <summary>The later of two that can have children, so that trees grow deep and not only at the root.</summary>
    private static int Pick(List<SpanShape> spans, Chance chance)
    {
        int at = Math.Max(chance.Below(spans.Count), chance.Below(spans.Count));
        while (spans[at].Kind is Kind.Client or Kind.Producer) at--;   // the root is a server
        return at;
    }

    private static void Call(List<SpanShape> spans, Chance chance, int caller, string service)
    {
        string callee = chance.Pick(Shop.Calls[service]);
        var route = chance.Pick(Array.FindAll(Shop.Routes, route => route.Service == callee));
        spans.Add(Within(spans, chance, caller, service, Kind.Client, route));
        int client = spans.Count - 1;
        long network = Math.Min(200_000, spans[client].DurationNano / 10);
        spans.Add(new(client, callee, Kind.Server, route, spans[client].StartNano + network, spans[client].DurationNano - 2 * network));
    }

    private static void Publish(List<SpanShape> spans, Chance chance, int sender, Topic topic)
    {
        spans.Add(Within(spans, chance, sender, topic.Producer, Kind.Producer, topic));
        var sent = spans[^1];
        long queued = (long)(chance.Exponential(30) * 1_000_000);
        spans.Add(new(spans.Count - 1, topic.Consumer, Kind.Consumer, topic, sent.StartNano + sent.DurationNano + queued, 1_000_000 + (long)(chance.Exponential(15) * 1_000_000)));
    }

    private static SpanShape Within(List<SpanShape> spans, Chance chance, int parent, string service, Kind kind, object source)
    {
        long room = spans[parent].DurationNano, start = (long)(room * chance.Unit() * 0.6);
        return new(parent, service, kind, source, spans[parent].StartNano + start, Math.Max(1, (long)((room - start) * (0.15 + 0.8 * chance.Unit()))));
    }
}
