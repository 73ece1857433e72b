using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Waybill.Engine;

/// <summary>What a ClickHouse server would be sent. No server is at hand in tests: this listener only writes down requests.</summary>
public sealed class EngineServerTests : IAsyncLifetime
{
    private readonly List<(string Query, Dictionary<string, string> Headers, string Body)> _requests = [];
    private WebApplication _listener = null!;
    private EngineClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _listener = builder.Build();
        _listener.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            _requests.Add((context.Request.QueryString.Value!, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), await body.ReadToEndAsync(context.RequestAborted)));
            if (context.Request.Query.ContainsKey("param_fail")) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        });
        await _listener.StartAsync(Cancel);
        string address = _listener.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _client = EngineClient.Server(EngineAddress.Parse(address.Replace("http://", "http://reader:s%3Acret@", StringComparison.Ordinal) + "/traces"));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _listener.DisposeAsync();
    }

    [Fact]
    public async Task Credentials_travel_in_headers_and_values_as_parameters()
    {
        await using var response = await _client.Query("SELECT {x:String}", [EngineParameter.String("x", "a&b\t'")], new EngineSettings { ExecutionSecondsMax = 5 }, Cancel);
        var (query, headers, body) = Assert.Single(_requests);
        Assert.Equal(("reader", "s:cret", "traces"), (headers["X-ClickHouse-User"], headers["X-ClickHouse-Key"], headers["X-ClickHouse-Database"]));
        Assert.Equal("?readonly=1&default_format=Native&cancel_http_readonly_queries_on_client_close=1&param_x=a%26b%5Ct%5C%27&max_execution_time=5", query);
        Assert.Equal("SELECT {x:String}", body);
    }

    [Fact]
    public async Task An_insert_sets_every_default_that_it_relies_on()
    {
        await _client.Insert("spans (a)", "segment-7", (body, cancel) => body.WriteAsync("blocks"u8.ToArray(), cancel).AsTask(), Cancel);
        var (query, _, body) = Assert.Single(_requests);
        Assert.StartsWith("?query=INSERT%20INTO%20spans%20%28a%29%20FORMAT%20Native&insert_deduplication_token=segment-7&async_insert=0&insert_deduplicate=1&", query, StringComparison.Ordinal);
        Assert.Equal("blocks", body);
    }

    [Fact]
    public async Task A_server_in_trouble_is_a_retryable_error_that_shows_no_password()
    {
        var error = await Assert.ThrowsAsync<EngineException>(() => _client.Execute("SELECT 1", [EngineParameter.Int("fail", 1)], cancel: Cancel));
        Assert.True(error.IsRetryable);
        Assert.DoesNotContain("cret", error.ToString(), StringComparison.Ordinal);
    }
}
