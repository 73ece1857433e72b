using Waybill.Processes;

namespace Waybill.Graph;

/// <summary>One server for all that is asked of graphs, maps and stories; each test sends services of its own. Its catalog knows who owns orders.</summary>
public sealed class GraphServer : IAsyncLifetime
{
    private const string Catalog = """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: orders
          annotations: { waybill.dev/criticality: critical }
          links: [{ url: "https://runbooks.example/orders", title: Orders fails, type: runbook }]
        spec: { type: service, lifecycle: production, owner: checkout, system: shop }
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata:
          name: checkout
          annotations: { waybill.dev/on-call: "#checkout-oncall" }
        spec: { type: team, profile: { displayName: Checkout }, children: [] }
        """;

    private readonly string _catalog = Path.GetTempFileName();

    internal WaybillServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_catalog, Catalog);
        Server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_CATALOG__PATHS__0"] = _catalog, ["WAYBILL_MAP__PAUSESECONDS"] = "1", ["WAYBILL_MAP__CORESHAREMAX"] = "1" });
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        File.Delete(_catalog);
    }
}

/// <summary>Runs beside nothing else, as every server that is timed.</summary>
[CollectionDefinition(nameof(GraphServer), DisableParallelization = true)]
public sealed class GraphServerUsers : ICollectionFixture<GraphServer>;
