using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Who gets in where: every endpoint, with every kind of credential, in its own tenant, another and none, against a file that is read at review.</summary>
public sealed partial class PermissionMatrixTests
{
    private const string Switch = "WAYBILL_UPDATE_MATRIX";

    [Fact]
    public async Task Who_gets_in_where_is_as_the_golden_file_says()
    {
        await using GuardedServer server = await GuardedServer.Start();
        (string Name, string? Token)[] callers =
        [
            ("nobody", null), ("viewer", server.AddToken(Grant.Of("viewer", "acme"))), ("editor", server.AddToken(Grant.Of("editor", "acme"))), ("auditor", server.AddToken(Grant.Of("auditor", "acme"))),
            ("admin", server.AddToken(Grant.Of("admin", "acme"))), ("operator", server.AddToken(Grant.Of("admin", "*"))), ("scoped", server.AddToken(new Grant("admin", "acme", ["cart"], []))),
            ("sender", server.AddToken(Grant.Of("sender", "acme"), key: true)),
        ];
        var text = new StringBuilder("# Each cell: without X-Scope-OrgID / own tenant / another tenant. in: the gate lets it through; else the status. Made by WAYBILL_UPDATE_MATRIX=1.\n");
        foreach (RouteEndpoint endpoint in server.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().OrderBy(Order, StringComparer.Ordinal))
        {
            Listener door = endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console;
            if (door == Listener.OtlpGrpc) continue;   // by GrpcAccessTests: its answers are of another form
            foreach (string method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["POST"])
            {
                text.Append(door == Listener.Console ? "console " : "ingest ").Append(method).Append(" /").Append(endpoint.RoutePattern.RawText!.TrimStart('/')).Append('\n');
                foreach (var (name, token) in callers)
                    text.Append("  ").Append(name).Append(' ').Append(await Ask(server, endpoint, door, method, token, null)).Append(" / ")
                        .Append(await Ask(server, endpoint, door, method, token, "acme")).Append(" / ").Append(await Ask(server, endpoint, door, method, token, "other")).Append('\n');
            }
        }
        string path = Path.Combine(Repository(), "tests", "Waybill.SystemTests", "Access", "permissions.txt");
        if (Environment.GetEnvironmentVariable(Switch) is { Length: > 0 }) await File.WriteAllTextAsync(path, text.ToString(), TestContext.Current.CancellationToken);
        string golden = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.True(golden == text.ToString(), $"Who gets in where has changed. {Switch}=1 writes the file anew; look at every line of the difference.\n{FirstDifference(golden, text.ToString())}");
    }

    private static string Order(RouteEndpoint endpoint) => $"{endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console} {endpoint.RoutePattern.RawText} {string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])}";

    private static async Task<string> Ask(GuardedServer server, RouteEndpoint endpoint, Listener door, string method, string? token, string? tenant)
    {
        string path = "/" + Part().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "x");
        using HttpResponseMessage answer = await server.Ask(new HttpMethod(method), path, token, tenant, door: door == Listener.Console ? server.Server.Console : server.Server.Http);
        return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ((int)answer.StatusCode).ToString() : "in";
    }

    private static string FirstDifference(string golden, string now)
    {
        string[] a = golden.Split('\n'), b = now.Split('\n');
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
            if (a[i] != b[i]) return $"line {i + 1}:\n- {a[i]}\n+ {b[i]}";
        return $"{a.Length} lines, now {b.Length}";
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Waybill.slnx"))) directory = directory.Parent!;
        return directory.FullName;
    }

    [GeneratedRegex(@"\{[^}]*\}")] private static partial Regex Part();
}
