using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Map;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Jaeger;

/// <param name="SpanKind">server, client, producer, consumer or internal; empty when the sender did not say.</param>
internal sealed record JaegerOperation(string Name, string SpanKind);

/// <summary>How often one calls another. Weighted.</summary>
internal sealed record JaegerDependency(string Parent, string Child, long CallCount);

/// <summary>What there is to choose from: services, their operations, and who calls whom.</summary>
internal sealed class JaegerCatalog(EngineClient engine, AttributeValues values, MapTable map, SearchGate gate, SearchOptions options, TimeProvider clock)
{
    private const int NamesMax = 10_000;

    /// <summary>Someone waits for a menu: operations of older spans are left out.</summary>
    private const double ScanSecondsMax = 1.5;
    private const long FirstSliceNano = 600_000_000_000, DayNano = 86_400_000_000_000;

    /// <summary>Services of the last day.</summary>
    public async Task<string[]> Services(string tenant, CancellationToken cancel)
    {
        TimeRange range = LastDay();
        var services = new SortedSet<string>(StringComparer.Ordinal);
        // Spans name their service; of more services in an hour than the catalog keeps, the resources know the rest.
        foreach (FieldReference field in (FieldReference[])[new IntrinsicReference(Intrinsic.RootServiceName), new AttributeReference(AttributeScope.Resource, "service.name")])
            foreach (SeenValue value in (await values.List(new ValueRequest(tenant, field, range, "", null, NamesMax), cancel)).Values)
                if (value.Value is string name) services.Add(name);
        return [.. services];
    }

    /// <summary>Operations of a service in the last day, as far back as the time allows.</summary>
    /// <param name="kind">Only those; null for all.</param>
    public async Task<JaegerOperation[]> Operations(string tenant, string service, SpanKind? kind, CancellationToken cancel)
    {
        using SearchTurn turn = await gate.Enter(cancel);
        long began = clock.GetTimestamp();
        var operations = new SortedDictionary<(string Name, SpanKind Kind), JaegerOperation>();
        var slices = new TimeSlices(LastDay(), FirstSliceNano);
        while (slices.Current is { } slice && operations.Count < NamesMax)
        {
            try
            {
                using SearchStatement statement = await turn.Statement(cancel);
                await ReadOperations(tenant, service, slice, operations, EngineBounds.Of(options, statement, ScanSecondsMax - clock.GetElapsedTime(began).TotalSeconds), cancel);
                slices.Next();
            }
            catch (EngineException e) when (EngineBounds.IsTime(e) || EngineBounds.IsMemory(e))
            {
                break;
            }
        }
        return [.. operations.Where(operation => kind is null || operation.Key.Kind == kind).Select(operation => operation.Value)];
    }

    private async Task ReadOperations(string tenant, string service, TimeRange slice, SortedDictionary<(string, SpanKind), JaegerOperation> to, EngineSettings settings, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT DISTINCT name, kind FROM spans
            WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')} AND service = {service:String} LIMIT {{NamesMax}}
            """, [.. SelectionParameters.Of(tenant, slice), EngineParameter.String("service", service)], settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                (string name, var kind) = (block["name"].GetString(row), (SpanKind)block["kind"].GetInt64(row));
                to[(name, kind)] = new JaegerOperation(name, kind == SpanKind.Unspecified ? "" : Static.Of(kind).ToString());
            }
    }

    /// <summary>Calls between services; what goes through a queue is two, to it and from it, so that the way of a message is one path.</summary>
    public async Task<JaegerDependency[]> Dependencies(string tenant, TimeRange range, CancellationToken cancel)
    {
        var window = new MapWindow(await map.Read(tenant, range, "", range.UntilUnixNano / 1_000_000_000, cancel), 1);
        return [.. window.Edges.Select(edge => (From: MapWindow.Parse(edge.Key.From), To: MapWindow.Parse(edge.Key.To), edge.Value.Requests))
            .Where(edge => edge.From.Kind is "service" or "queue" && edge.To.Kind is "service" or "queue")
            .GroupBy(edge => (edge.From.Name, To: edge.To.Name)).OrderBy(edge => edge.Key)
            .Select(edge => new JaegerDependency(edge.Key.Name, edge.Key.To, (long)Math.Round(edge.Sum(one => one.Requests))))];
    }

    private TimeRange LastDay()
    {
        // Clocks of senders may be a little ahead.
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        return new TimeRange(now - DayNano, now + 60_000_000_000);
    }
}
