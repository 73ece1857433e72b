namespace Waybill.Payloads;

/// <summary>The 10 to 13 attributes of a span, with the names of the OpenTelemetry semantic conventions 1.3x where they have one.</summary>
internal sealed class SpanAttributes(ProtoWriter writer, Chance chance)
{
    private const int Field = 9;   // Span.attributes
    private const double SomeOf = 0.25;

    public void Write(SpanShape span, int trace)
    {
        switch (span.Source)
        {
            case Route route when span.Kind == Kind.Server: Served(span, route, trace); break;
            case Route route: Called(span, route, trace); break;
            case Statement statement: Queried(statement, trace); break;
            case Topic topic: Messaged(span, topic, trace); break;
            case Step step: Ran(step, trace); break;
        }
        if (span.Failed) Text("error.type", span.Source is Statement ? "timeout" : "503", trace);
    }

    private void Served(SpanShape span, Route route, int trace)
    {
        Text("http.request.method", route.Method, trace);
        Text("http.route", route.Template, trace);
        Number("http.response.status_code", Status(span, route));
        Text("url.path", route.Path, trace);
        Text("url.scheme", "http", trace);
        Text("server.address", route.Service, trace);
        Number("server.port", 8080);
        Text("client.address", $"10.0.{chance.Below(4)}.{chance.Below(200)}", trace);
        Text("user.id", Marker.User, trace);
        Number("thread.id", chance.Below(64));
        if (route.Path.Contains(Marker.Order, StringComparison.Ordinal)) Text("order.id", Marker.Order, trace);
        if (chance.Happens(SomeOf)) Text("request.id", Marker.Uuid, trace);
    }

    private void Called(SpanShape span, Route route, int trace)
    {
        Text("http.request.method", route.Method, trace);
        Number("http.response.status_code", Status(span, route));
        Text("url.full", $"http://{route.Service}{route.Path}", trace);
        Text("server.address", route.Service, trace);
        Number("server.port", 8080);
        Text("peer.service", route.Service, trace);
        Text("user.id", Marker.User, trace);
        Number("thread.id", chance.Below(64));
        Flag("conn.reused", chance.Happens(0.97));
        Number("resend", chance.Happens(0.02) ? 1 : 0);
        if (chance.Happens(SomeOf)) Text("request.id", Marker.Uuid, trace);
    }

    private void Queried(Statement statement, int trace)
    {
        Text("db.system.name", statement.System, trace);
        Text("db.namespace", statement.Service, trace);
        Text("db.operation.name", statement.Operation, trace);
        Text("db.collection.name", statement.Collection, trace);
        Number("db.response.returned_rows", chance.Below(20));
        Text("server.address", $"{statement.System}-{chance.Below(3)}", trace);
        Number("server.port", statement.Port);
        Text("user.id", Marker.User, trace);
        Number("thread.id", chance.Below(64));
        Number("pool.wait_us", (long)chance.Exponential(300));
        if (chance.Happens(SomeOf)) Text("order.id", Marker.Order, trace);
    }

    private void Messaged(SpanShape span, Topic topic, int trace)
    {
        Text("messaging.system", topic.System, trace);
        Text("messaging.destination.name", topic.Destination, trace);
        Text("messaging.operation.type", span.Kind == Kind.Producer ? "send" : "process", trace);
        Text("messaging.message.id", Marker.Uuid, trace);
        Number("messaging.kafka.offset", chance.Below(1_000_000_000));
        Number("messaging.message.body.size", 200 + chance.Below(2_000));
        Text("server.address", $"{topic.System}-{chance.Below(3)}", trace);
        Text("user.id", Marker.User, trace);
        Text("order.id", Marker.Order, trace);
        Number("thread.id", chance.Below(64));
        Number("attempt", chance.Happens(0.03) ? 2 : 1);
    }

    private void Ran(Step step, int trace)
    {
        Text("code.function.name", $"{step.Service}.{step.Name}", trace);
        Number("code.line.number", 40 + step.Name.Length * 7);
        Number("thread.id", chance.Below(64));
        Text("user.id", Marker.User, trace);
        Text("order.id", Marker.Order, trace);
        Text("product.id", Marker.Product, trace);
        Number("cart.size", chance.Below(12));
        Flag("cache.hit", chance.Happens(0.8));
        Number("attempt", chance.Happens(0.02) ? 2 : 1);
        Text("plan", chance.Happens(0.2) ? "gold" : "basic", trace);
    }

    private int Status(SpanShape span, Route route) => span.Failed ? 503 : chance.Happens(0.02) ? 404 : route.Method == "POST" ? 201 : 200;

    private void Text(string key, string value, int trace) => writer.Attribute(Field, key, value, trace);

    private void Number(string key, long value) => writer.Attribute(Field, key, value);

    private void Flag(string key, bool value) => writer.Attribute(Field, key, value);
}
