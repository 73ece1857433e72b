using Waybill.Catalogs;

namespace Waybill.Commands;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_ends_with_a_real_trace_of_the_shop()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("waybill-demo-");
        try
        {
            Ended ended = await WaybillProgram.Run($"demo --once --data {data.FullName}", TimeSpan.FromMinutes(3));
            Assert.True(ended.ExitCode == 0, ended.Error);
            Assert.StartsWith("POST /checkout  gateway\n", ended.Output, StringComparison.Ordinal);
            foreach (string service in (string[])["orders", "inventory", "payments"]) Assert.Contains(service, ended.Output, StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_shop_s_catalog_has_no_mistake_and_owns_every_service()
    {
        string? directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory!, "Waybill.slnx"))) directory = Path.GetDirectoryName(directory);
        string path = Path.Combine(directory!, "samples", "Shop", "catalog-info.yaml");
        CatalogFile file = CatalogFile.Parse(path, File.ReadAllText(path));
        Assert.Empty(file.Problems);
        var catalog = CatalogSnapshot.Of(file.Entities, [], []);
        foreach (string service in (string[])["gateway", "orders", "inventory", "payments", "fulfilment", "notifications", "queue", "scheduler", "batch"])
            Assert.NotEqual(CatalogEntry.Unowned, catalog.Services[service].Owner);
    }
}
