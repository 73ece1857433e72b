using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Waybill.Web;

/// <summary>The committed contract is the server's: <c>api/openapi.json</c>.</summary>
public sealed class OpenApiTests
{
    private const string Switch = "WAYBILL_UPDATE_OPENAPI";
    private static readonly string Update = $"Run: {Switch}=1 dotnet test --project tests/Waybill.Tests --filter-class '*OpenApiTests'";

    private static readonly WebApplication App = Build();

    [Fact]
    public async Task The_committed_document_is_what_the_server_says()
    {
        string path = Path.Combine(Repository(), "api", "openapi.json"), document = await Generate();
        if (Environment.GetEnvironmentVariable(Switch) is { Length: > 0 }) await File.WriteAllTextAsync(path, document, TestContext.Current.CancellationToken);
        string committed = File.Exists(path) ? await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) : "";
        Assert.True(committed == document, $"api/openapi.json is not what the server says. {Update}, look at the difference, and commit it.");
    }

    [Fact]
    public async Task Every_endpoint_of_the_console_says_what_it_is_takes_and_answers()
    {
        JsonNode paths = JsonNode.Parse(await Generate())!["paths"]!;
        var wanting = new List<string>();
        foreach (RouteEndpoint endpoint in ((IEndpointRouteBuilder)App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            if ((endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console) != Listener.Console) continue;
            if (endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is { ExcludeFromDescription: true }) continue;
            string route = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            foreach (string method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                if (Wanting(paths[route]?[method.ToLowerInvariant()]) is { } what) wanting.Add($"{method} {route} {what}");
        }
        Assert.True(wanting.Count == 0, string.Join("\n", wanting));
    }

    private static string? Wanting(JsonNode? operation)
    {
        if (operation is null) return "is not in the document: give its handler a parameter besides HttpContext, or say ExcludeFromDescription().";
        if (operation["summary"] is null) return "has no summary: say WithSummary(...).";
        if (operation["parameters"]?.AsArray().FirstOrDefault(parameter => parameter!["description"] is null) is { } parameter)
            return $"does not describe {parameter["name"]}: say WithPath, WithText, WithNumber, WithChoice or WithFlag.";
        bool answers = operation["responses"]?.AsObject().Any(response => response.Key.StartsWith('2') && (response.Key == "204" || response.Value!["content"] is JsonObject { Count: > 0 })) ?? false;
        return answers ? null : "does not say what it answers: say Produces<T>(), or AnswersWith(...) when that is not JSON.";
    }

    private static async Task<string> Generate()
    {
        var cancel = TestContext.Current.CancellationToken;
        OpenApiDocument document = await App.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(OpenApi.DocumentName).GetOpenApiDocumentAsync(cancel);
        return await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancel) + "\n";
    }

    // Built, never started: no port is opened, no file touched. Starting would make the routes known; so does UseEndpoints.
    private static WebApplication Build()
    {
        WebApplication app = WebHost.Build();
        ((IApplicationBuilder)app).UseEndpoints(_ => { });
        return app;
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Waybill.slnx"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
