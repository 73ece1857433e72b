namespace Waybill.Payloads;

/// <summary>Events and statuses: exceptions with a stack trace of about 1 KB, and the small notes healthy spans carry.</summary>
internal static class Failures
{
    private static readonly string[] Frames =
    [
        "Http.Pool.Connect(Address to, Deadline by)", "Http.Client.Send(Request request, Deadline by)", "Retry.Run(Func step, Policy policy)",
        "Pipeline.Invoke(Context context)", "Db.Connection.Open(Deadline by)", "Db.Command.Execute(Deadline by)", "Auth.Filter.Invoke(Context context)",
        "Tracing.Filter.Invoke(Context context)", "Router.Dispatch(Context context)", "Json.Body.Read(Stream stream, Deadline by)",
    ];

    private static readonly string[] Notes = ["cache.miss", "retry", "lock.acquired", "feature_flag.evaluation", "rate.limited"];

    // Event { time 1, name 2, attributes 3 }
    public static void Exception(ProtoWriter writer, Chance chance, SpanShape span, int trace)
    {
        string type = span.Source is Statement ? "Shop.Db.TimeoutException" : "Shop.Http.UnavailableException";
        string message = Message(span);
        int happened = writer.Begin(11);
        writer.Time(1, trace, span.StartNano + span.DurationNano * 9 / 10);
        writer.Text(2, "exception");
        writer.Attribute(3, "exception.type", type);
        writer.Attribute(3, "exception.message", message);
        writer.Attribute(3, "exception.stacktrace", StackTrace(chance, span, type, message));
        writer.End(happened);
    }

    public static void Note(ProtoWriter writer, Chance chance, SpanShape span, int trace)
    {
        int happened = writer.Begin(11);
        writer.Time(1, trace, span.StartNano + (long)(span.DurationNano * chance.Unit()));
        writer.Text(2, chance.Pick(Notes));
        writer.Attribute(3, "key", Marker.Product, trace);
        writer.Attribute(3, "took_us", chance.Below(5_000));
        writer.End(happened);
    }

    // Status { message 2, code 3: ERROR = 2 }
    public static void Status(ProtoWriter writer, SpanShape span)
    {
        int status = writer.Begin(15);
        writer.Text(2, Message(span));
        writer.UInt(3, 2);
        writer.End(status);
    }

    private static string Message(SpanShape span) => span.Source switch
    {
        Statement statement => $"{statement.System} did not answer within 2000 ms",
        Route route => $"{route.Service} is unavailable",
        _ => $"{span.Service} gave up",
    };

    private static string StackTrace(Chance chance, SpanShape span, string type, string message)
    {
        string stack = $"{type}: {message}";
        for (int i = 0; i < 13; i++) stack += $"\n   at Shop.{chance.Pick(Frames)} in /src/{span.Service}/{i}.cs:line {20 + chance.Below(400)}";
        return stack;
    }
}
