using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>Small random traces in which the same few names and values come up again and again, so that random conditions meet them.</summary>
public sealed class TraceGenerator(Random random)
{
    public static readonly string[] Services = ["cart", "shop", "mail"];
    public static readonly string[] Names = ["GET /a", "GET /b", "query", "publish"];
    public static readonly string[] Texts = ["x", "y", "xy", ""];

    /// <summary>Attributes with a type of their own, and <c>any</c> with every type; <c>k</c> is in every scope. Some have a column of their own in the store.</summary>
    public static readonly string[] SpanKeys = ["text", "num", "real", "flag", "any", "list", "k", "http.request.method", "http.response.status_code", "error.type", "with space"];

    /// <summary>Begin of every trace is within a minute of it; so are its spans.</summary>
    public long BaseUnixNano { get; init; } = 1_700_000_000_000_000_000;

    public Trace Next()
    {
        int count = 1 + random.Next(random.Next(10) == 0 ? 40 : 9);
        var ids = new List<string>();
        var spans = new List<TraceSpan>();
        long begin = BaseUnixNano + random.NextInt64(40_000_000_000);
        var resources = Enumerable.Range(0, 3).Select(_ => Resource()).ToArray();
        for (int i = 0; i < count; i++)
        {
            string parent = i == 0 ? "" : random.Next(20) switch { 0 => "", 1 => "dead00000000beef", _ => ids[random.Next(ids.Count)] };
            if (i == 0 && random.Next(8) == 0) parent = "dead00000000beef";   // its root has not arrived
            TraceSpan span = Span(parent, begin, resources[random.Next(resources.Length)]);
            ids.Add(span.SpanId);
            spans.Add(span);
        }
        return new Trace(Hex(16), spans);
    }

    private TraceSpan Span(string parent, long begin, AttributeSet resource)
    {
        long start = begin + random.NextInt64(5_000) * 1_000_000;
        return new TraceSpan
        {
            SpanId = Hex(8),
            ParentId = parent,
            Name = Pick(Names),
            Kind = (SpanKind)random.Next(6),
            Status = (SpanStatus)random.Next(3),
            StatusMessage = random.Next(3) == 0 ? "timeout" : "",
            StartUnixNano = start,
            DurationNano = random.Next(6) switch { 0 => 0, 1 => 1, 2 => 1000, 3 => 50_000_000, 4 => 1_000_000_000, _ => random.Next(2_000_000_000) },
            Attributes = Own(),
            Resource = resource,
            InstrumentationName = random.Next(2) == 0 ? "lib" : "",
            InstrumentationVersion = random.Next(2) == 0 ? "1.0" : "",
            Instrumentation = random.Next(4) == 0 ? Scoped() : AttributeSet.None,
            Events = [.. Enumerable.Range(0, Math.Max(0, random.Next(6) - 3)).Select(_ => new TraceEvent(random.Next(2) == 0 ? "exception" : "retry", start + random.Next(3) * 1_000_000, Scoped()))],
            Links = [.. Enumerable.Range(0, Math.Max(0, random.Next(6) - 4)).Select(_ => new TraceLink("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", Scoped()))],
        };
    }

    private AttributeSet Resource()
    {
        var resource = new AttributeSet { { "service.name", Static.Of(Pick(Services)) } };
        if (random.Next(2) == 0) resource.Add("env", Static.Of(random.Next(2) == 0 ? "prod" : "test"));
        if (random.Next(3) == 0) resource.Add("k", Static.Of(Pick(Texts)));
        return resource;
    }

    private AttributeSet Own()
    {
        var own = new AttributeSet();
        if (Sometimes) own.Add("text", Static.Of(Pick(Texts)));
        if (Sometimes) own.Add("num", Static.Of((long)random.Next(-1, 4)));
        if (Sometimes) own.Add("real", Static.Of(random.Next(4) * 0.5));
        if (Sometimes) own.Add("flag", Static.Of(random.Next(2) == 0));
        if (Sometimes) own.Add("any", Any());
        if (Sometimes) own.Add("list", random.Next(2) == 0 ? Value.Array(Some(() => Static.Of(Pick(Texts)))) : Value.Array(Some(() => Static.Of((long)random.Next(3)))));
        if (random.Next(4) == 0) own.Add("k", Any());
        if (Sometimes) own.Add("http.request.method", Static.Of(random.Next(2) == 0 ? "GET" : "POST"));
        if (Sometimes) own.Add("http.response.status_code", random.Next(8) == 0 ? Static.Of("404") : Static.Of(random.Next(3) switch { 0 => 200L, 1 => 404L, _ => 500L }));
        if (random.Next(4) == 0) own.Add("error.type", Static.Of("timeout"));
        if (random.Next(6) == 0) own.Add("with space", Static.Of("x"));
        return own;
    }

    private AttributeSet Scoped()
    {
        var scoped = new AttributeSet();
        if (Sometimes) scoped.Add("k", Any());
        if (Sometimes) scoped.Add("text", Static.Of(Pick(Texts)));
        return scoped;
    }

    private Static Any() => random.Next(4) switch { 0 => Static.Of(Pick(Texts)), 1 => Static.Of((long)random.Next(3)), 2 => Static.Of(random.Next(3) * 0.5), _ => Static.Of(random.Next(2) == 0) };

    private Static[] Some(Func<Static> next) => [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => next())];

    private bool Sometimes => random.Next(2) == 0;

    private T Pick<T>(T[] values) => values[random.Next(values.Length)];

    private string Hex(int bytes)
    {
        byte[] id = new byte[bytes];
        random.NextBytes(id);
        id[0] |= 1;   // no id is zero
        return Convert.ToHexStringLower(id);
    }
}
