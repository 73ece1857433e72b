using System.Runtime.CompilerServices;
using System.Text.Json;
using Waybill.Query;

namespace Waybill.Deploy;

/// <summary>What is shipped for Grafana asks nothing that Waybill refuses.</summary>
public sealed class GrafanaTests
{
    [Fact]
    public void Every_query_of_the_dashboards_is_one_of_the_language()
    {
        string[] queries = [.. Directory.GetFiles(Path.Combine(Folder(), "dashboards"), "*.json").SelectMany(file => Queries(JsonDocument.Parse(File.ReadAllText(file)).RootElement))];
        Assert.NotEmpty(queries);
        foreach (string query in queries)
        {
            var parsed = TraceQl.Parse(query.Replace("$service", ".*", StringComparison.Ordinal));
            Assert.True(parsed.IsValid, $"{query}: {string.Join(' ', parsed.Diagnostics)}");
        }
    }

    [Fact]
    public void The_data_sources_point_at_what_is_answered()
    {
        string[] addresses = [.. File.ReadLines(Path.Combine(Folder(), "provisioning", "datasources", "waybill.yaml")).Select(line => line.Trim()).Where(line => line.StartsWith("url: ", StringComparison.Ordinal))];
        Assert.Equal(["url: $WAYBILL_URL/tempo", "url: $WAYBILL_URL/jaeger"], addresses);
    }

    private static IEnumerable<string> Queries(JsonElement dashboard) =>
        from panel in dashboard.GetProperty("panels").EnumerateArray() from target in panel.GetProperty("targets").EnumerateArray() select target.GetProperty("query").GetString()!;

    private static string Folder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../deploy/grafana"));
}
