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
        Option<Uri> grpc = Receiver("--otlp-grpc", "OTLP/gRPC receiver", 4317);
        Option<Uri> http = Receiver("--otlp-http", "OTLP/HTTP receiver", 4318);
        Option<double> rate = new("--rate") { Description = "Customers' requests per second, 0 for none", DefaultValueFactory = _ => 5 };
        Option<int> seed = new("--seed") { Description = "Seed of the customers' behaviour", DefaultValueFactory = _ => 1 };
        Command command = new("run", "Start all services and the customers; end with Ctrl+C") { grpc, http, rate, seed, Data };
        command.SetAction((parsed, _) => Run(
            new FleetOptions(parsed.GetRequiredValue(grpc), parsed.GetRequiredValue(http), parsed.GetRequiredValue(Data).FullName),
            parsed.GetRequiredValue(rate), parsed.GetRequiredValue(seed)));
        return command;
    }

    private static Option<Uri> Receiver(string name, string description, int port) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => new Uri($"http://127.0.0.1:{port}"),
        CustomParser = parsed =>
        {
            if (Uri.TryCreate(parsed.Tokens[0].Value, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https") return address;
            parsed.AddError($"{name}: '{parsed.Tokens[0].Value}' is not an http or https address, such as http://127.0.0.1:{port}.");
            return null;
        },
    };

    /// <summary>File that tells <c>shop fault</c> where the running Shop listens.</summary>
    public static string ControlFile(string dataDirectory) => Path.Combine(dataDirectory, "control.url");

    private static async Task<int> Run(FleetOptions options, double rate, int seed)
    {
        long started = Stopwatch.GetTimestamp();
        await using Fleet fleet = new(options, TimeProvider.System);
        await using WebApplication control = Control(fleet);
        CancellationToken stop = control.Lifetime.ApplicationStopping;
        Role.WhenParentEnds(control.Lifetime.StopApplication);
        try
        {
            await control.StartAsync(stop);
            List<string> missing = await fleet.Start(stop);
            if (missing.Remove("notifications"))
                Console.WriteLine("notifications is not there: it needs Node 20 and 'npm ci' in the repository. The Shop goes on without mails.");
            if (missing.Count > 0)
            {
                await Console.Error.WriteLineAsync($"Did not start: {string.Join(", ", missing)}.");
                return 1;
            }
            await File.WriteAllTextAsync(ControlFile(options.DataDirectory), control.Urls.First(), stop);
            if (rate > 0) fleet.StartTraffic(rate, seed);
            Print(fleet, Stopwatch.GetElapsedTime(started), rate);
            await control.WaitForShutdownAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Interrupted while it opened: there is nothing to add.
        }
        finally
        {
            File.Delete(ControlFile(options.DataDirectory));
        }
        Console.WriteLine("The Shop closes.");
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
