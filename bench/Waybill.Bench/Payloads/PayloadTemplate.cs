namespace Waybill.Payloads;

/// <summary>One request's body, whole traces grouped by resource as a collector on one node batches them; ids, times and business values are patched per request.</summary>
/// <param name="SpansOfTrace">How many spans each trace of the request has; the spans of a trace are numbered one after another.</param>
internal sealed record PayloadTemplate(byte[] Body, Patch[] Patches, int[] SpansOfTrace)
{
    private const int Nodes = 5;
    private const double EventShare = 0.106;   // with the exceptions of failed spans: 12 % of spans have an event
    private const double LinkShare = 0.01;

    public static PayloadTemplate Build(ulong seed, int spanCount)
    {
        var chance = new Chance(seed);
        var spans = new List<(SpanShape Shape, int Trace, int First, int Index)>(spanCount);
        var sizes = new List<int>();
        while (spans.Count < spanCount)
        {
            var trace = TraceShape.Grow(chance, spanCount - spans.Count);
            int first = spans.Count;
            for (int i = 0; i < trace.Count; i++) spans.Add((trace[i], sizes.Count, first, first + i));
            sizes.Add(trace.Count);
        }

        var writer = new ProtoWriter();
        int node = chance.Below(Nodes);
        // ExportTraceServiceRequest { resource_spans = 1: { resource = 1, scope_spans = 2: { scope = 1, spans = 2 }, schema_url = 3 } }
        foreach (var group in spans.GroupBy(span => span.Shape.Service))
        {
            int resourceSpans = writer.Begin(1);
            Resource(writer, Shop.IndexOf(group.Key), node);
            int scopeSpans = writer.Begin(2);
            Scope(writer, Shop.IndexOf(group.Key));
            foreach (var (shape, trace, first, index) in group) Span(writer, chance, shape, trace, first, index, sizes.Count);
            writer.End(scopeSpans);
            writer.End(resourceSpans);
        }
        return new(writer.ToArray(), writer.Patches, [.. sizes]);
    }

    private static void Resource(ProtoWriter writer, int service, int node)
    {
        int resource = writer.Begin(1);
        string name = Shop.Services[service];
        var pod = Chance.Mix((ulong)(service * Nodes + node));
        writer.Attribute(1, "service.name", name);
        writer.Attribute(1, "service.namespace", "shop");
        writer.Attribute(1, "service.version", $"2.{service}.{node % 2}");
        writer.Attribute(1, "service.instance.id", new Guid((int)pod, (short)node, 0x4a7b, 0x8f, 2, 3, 4, 5, 6, 7, (byte)service).ToString());
        writer.Attribute(1, "deployment.environment.name", "production");
        writer.Attribute(1, "host.name", $"node-{node}");
        writer.Attribute(1, "k8s.pod.name", $"{name}-{pod >> 44:x}-{pod & 0xfffff:x}");
        writer.Attribute(1, "cloud.region", "eu-west-1");
        writer.Attribute(1, "telemetry.sdk.name", "opentelemetry");
        writer.Attribute(1, "telemetry.sdk.language", Shop.Languages[service]);
        writer.Attribute(1, "telemetry.sdk.version", "1.33.0");
        writer.End(resource);
    }

    private static void Scope(ProtoWriter writer, int service)
    {
        int scope = writer.Begin(1);
        writer.Text(1, $"io.opentelemetry.{Shop.Languages[service]}");
        writer.Text(2, "2.1.0");
        writer.End(scope);
    }

    // Span { trace_id 1, span_id 2, trace_state 3, parent_span_id 4, name 5, kind 6, start 7, end 8, attributes 9, events 11, links 13, status 15, flags 16 }
    private static void Span(ProtoWriter writer, Chance chance, SpanShape shape, int trace, int first, int index, int traces)
    {
        int span = writer.Begin(2);
        writer.TraceId(1, trace);
        writer.SpanId(2, index);
        if (shape.Parent >= 0) writer.SpanId(4, first + shape.Parent);
        writer.Text(5, Name(shape));
        writer.UInt(6, (ulong)shape.Kind);
        writer.Time(7, trace, shape.StartNano);
        writer.Time(8, trace, shape.StartNano + shape.DurationNano);
        new SpanAttributes(writer, chance).Write(shape, trace);
        if (shape.Failed) Failures.Exception(writer, chance, shape, trace);
        else if (chance.Happens(EventShare)) Failures.Note(writer, chance, shape, trace);
        if (chance.Happens(LinkShare)) Link(writer, chance.Below(traces), index);
        if (shape.Failed) Failures.Status(writer, shape);
        writer.Fixed32(16, shape.Parent < 0 ? 0x101u : 0x301u);   // sampled; parent's remoteness known, and remote unless root
        writer.End(span);
    }

    // Link { trace_id 1, span_id 2 }: to another trace of the same request
    private static void Link(ProtoWriter writer, int trace, int index)
    {
        int link = writer.Begin(13);
        writer.TraceId(1, trace);
        writer.SpanId(2, index / 2);
        writer.End(link);
    }

    private static string Name(SpanShape shape) => shape.Source switch
    {
        Route route => shape.Kind == Kind.Server ? $"{route.Method} {route.Template}" : route.Method,
        Statement statement => $"{statement.Operation} {statement.Collection}",
        Topic topic => $"{(shape.Kind == Kind.Producer ? "send" : "process")} {topic.Destination}",
        Step step => step.Name,
        _ => throw new InvalidOperationException($"A span cannot come from {shape.Source}."),
    };
}
