using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;

namespace Shop;

/// <summary>What every service of the Shop has in common: an address, telemetry, a health check, fault switches, an end.</summary>
public static class Role
{
    /// <summary>One client for all calls inside the Shop. .NET makes the client spans and sends <c>traceparent</c> and <c>baggage</c>.</summary>
    public static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>A service listening at <c>SHOP_URL</c>.</summary>
    public static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        if (!IsChild) builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.AddTelemetry();
        builder.WebHost.UseUrls(Environment.GetEnvironmentVariable("SHOP_URL") ?? "http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<FaultSwitches>();
        builder.Services.AddSingleton<Messaging>();

        WebApplication app = builder.Build();
        app.UseTelemetry();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerProblem });
        app.MapGet("/healthz", () => { Telemetry.Untraced(); return "ok"; });
        app.MapFaults();
        WhenParentEnds(app.Lifetime.StopApplication);
        return app;
    }

    /// <summary>Address of another service, from <c>SHOP_{NAME}_URL</c>.</summary>
    public static Uri Peer(string name) => new(Setting($"SHOP_{name.ToUpperInvariant()}_URL"));

    /// <summary>A setting the role cannot start without.</summary>
    public static string Setting(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set. 'shop run' sets it for every service it starts.");

    /// <summary>Directory for this service's files.</summary>
    public static string DataDirectory => Environment.GetEnvironmentVariable("SHOP_DATA") ?? Path.GetTempPath();

    /// <summary>Starts a loop that ends with the service.</summary>
    public static void RunBeside(this WebApplication app, Func<CancellationToken, Task> loop)
    {
        Task? running = null;
        app.Lifetime.ApplicationStarted.Register(() => running = Task.Run(() => loop(app.Lifetime.ApplicationStopping)));
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            try { running?.Wait(TimeSpan.FromSeconds(3)); }
            catch (AggregateException ended) when (ended.InnerException is OperationCanceledException) { }
        });
    }

    private static bool IsChild => Environment.GetEnvironmentVariable("SHOP_CHILD") == "1";

    // The trace of the failed request is on the span and in the log record; the caller gets no internals.
    private static Task AnswerProblem(HttpContext http)
    {
        if (http.Features.Get<IExceptionHandlerFeature>() is { } failed) Activity.Current.Fail(failed.Error);
        return Results.Problem("The service failed. The trace has the exception.", statusCode: 500).ExecuteAsync(http);
    }

    /// <summary>Calls back when the parent ends. It holds our standard input open; the kernel closes it even after kill -9.</summary>
    public static void WhenParentEnds(Action end)
    {
        if (IsChild) _ = Task.Run(ReadToEnd);

        async Task ReadToEnd()
        {
            await using Stream input = Console.OpenStandardInput();
            byte[] ignored = new byte[64];
            while (await input.ReadAsync(ignored) > 0) { }
            end();
        }
    }
}
