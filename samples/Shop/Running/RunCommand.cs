using System.CommandLine;
using Microsoft.AspNetCore.Hosting;

namespace Shop;

/// <summary><c>shop run</c>: the whole Shop, until it is interrupted.</summary>
public static class RunCommand
{
    public static readonly Option<DirectoryInfo> Data = new("--data")
    {
        Description = "Directory for databases, mails and the address of the running Shop",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "shop")),
    };

    private sealed record Status(string Name, string Role, string Version, string Zone, string? Protocol, Uri Address, int ProcessId);

    public static Command Create()
    {
        Option<Uri> grpc = new("--otlp-grpc") { Description = "OTLP/gRPC receiver", DefaultValueFactory = _ => new Uri("http://127.0.0.1:4317") };
        Option<Uri> http = new("--otlp-http") { Description = "OTLP/HTTP receiver", DefaultValueFactory = _ => new Uri("http://127.0.0.1:4318") };
        Option<double> rate = new("--rate") { Description = "Customers' requests per second, 0 for none", DefaultValueFactory = _ => 5 };
        Option<int> seed = new("--seed") { Description = "Seed of the customers' behaviour", DefaultValueFactory = _ => 1 };
        Command command = new("run", "Start all services and the customers; end with Ctrl+C") { grpc, http, rate, seed, Data };
        command.SetAction((parsed, cancel) => Run(
            new FleetOptions(parsed.GetRequiredValue(grpc), parsed.GetRequiredValue(http), parsed.GetRequiredValue(Data).FullName),
            parsed.GetRequiredValue(rate), parsed.GetRequiredValue(seed), cancel));
        return command;
    }

    /// <summary>File that tells <c>shop fault</c> where the running Shop listens.</summary>
    public static string ControlFile(string dataDirectory) => Path.Combine(dataDirectory, "control.url");

    private static async Task<int> Run(FleetOptions options, double rate, int seed, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        await using Fleet fleet = new(options, TimeProvider.System);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Role.WhenParentEnds(stop.Cancel);
        try
        {
            List<string> missing = await fleet.Start(stop.Token);
            if (missing.Contains("notifications")) Console.WriteLine("notifications is not there: it needs Node 20 and 'npm ci' in the repository. The Shop goes on without mails.");
            if (missing.Except(["notifications"]).ToList() is { Count: > 0 } broken)
            {
                await Console.Error.WriteLineAsync($"Did not start: {string.Join(", ", broken)}.");
                return 1;
            }
            await using WebApplication control = Control(fleet);
            await control.StartAsync(stop.Token);
            await File.WriteAllTextAsync(ControlFile(options.DataDirectory), control.Urls.First(), stop.Token);
            if (rate > 0) fleet.StartTraffic(rate, seed);
            Print(fleet, Stopwatch.GetElapsedTime(started), rate);
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("The Shop closes.");
        }
        finally
        {
            File.Delete(ControlFile(options.DataDirectory));
        }
        return 0;
    }

    private static WebApplication Control(Fleet fleet)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/services", () => fleet.Children.Select(child =>
            new Status(child.Service.Name, child.Service.Role, child.Service.Version, child.Service.Zone, child.Service.Protocol, child.Address, child.ProcessId)));
        app.MapGet("/faults", () => fleet.Faults);
        app.MapPut("/faults/{name}", (string name, string? zone, CancellationToken cancel) => Switch(fleet, name, true, zone, cancel));
        app.MapDelete("/faults/{name}", (string name, string? zone, CancellationToken cancel) => Switch(fleet, name, false, zone, cancel));
        return app;
    }

    private static async Task<IResult> Switch(Fleet fleet, string name, bool active, string? zone, CancellationToken cancel)
    {
        if (Fault.Find(name) is not { } fault) return Results.NotFound();
        return await fleet.Switch(fault, active, zone, cancel) is { } failure ? Results.Problem(failure) : Results.NoContent();
    }

    private static void Print(Fleet fleet, TimeSpan took, double rate)
    {
        Console.WriteLine($"{"SERVICE",-14} {"VERSION",-8} {"ZONE",-5} {"OTLP",-14} {"ADDRESS",-24} PROCESS");
        foreach (Child child in fleet.Children)
            Console.WriteLine($"{child.Service.Name,-14} {child.Service.Version,-8} {child.Service.Zone,-5} {child.Service.Protocol ?? "none",-14} {child.Address,-24} {child.ProcessId}");
        Console.WriteLine($"The Shop is open after {took.TotalSeconds:0.0} s, {rate} requests per second. Break it with 'shop fault NAME on'; 'shop fault' lists the names.");
    }
}
