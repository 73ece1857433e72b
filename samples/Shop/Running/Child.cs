namespace Shop;

/// <summary>What runs: a role with a name, a version and a place.</summary>
/// <param name="Name">Unique in the Shop; also names its address, <c>SHOP_{NAME}_URL</c>.</param>
/// <param name="Protocol">OTLP protocol of its SDK, or null for a service without telemetry.</param>
public sealed record Service(string Name, string Role, string Version, string Zone, string? Protocol)
{
    /// <summary>Every OTLP protocol is in use, so that every receiver sees a real SDK.</summary>
    public static readonly IReadOnlyList<Service> All =
    [
        new("gateway", "gateway", "2.7.0", "a", "grpc"),
        new("orders", "orders", "1.4.0", "a", "grpc"),
        new("payments-a", "payments", "4.0.2", "a", "http/protobuf"),
        new("payments-b", "payments", "4.0.2", "b", "http/protobuf"),
        new("inventory", "inventory", "2.1.5", "a", "http/protobuf"),
        new("queue", "queue", "1.0.3", "a", "grpc"),
        new("fulfilment", "fulfilment", "1.9.0", "a", "grpc"),
        new("scheduler", "scheduler", "1.2.0", "a", "http/protobuf"),
        new("batch", "batch", "1.1.0", "a", "grpc"),
        new("notifications", "notifications", "3.2.0", "a", "http/json"),
        new("provider", "provider", "", "", null),
    ];
}

/// <summary>One running process of the Shop. It ends when its standard input closes, so also when this process is killed.</summary>
public sealed class Child : IAsyncDisposable
{
    private readonly Process process;

    public Service Service { get; }

    public Uri Address { get; }

    public int ProcessId => process.Id;

    public Task Ended => process.WaitForExitAsync();

    /// <exception cref="System.ComponentModel.Win32Exception">The program is not there, such as Node.</exception>
    public Child(Service service, Uri address, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        Service = service;
        Address = address;
        bool node = service.Role == "notifications";
        // 'shop' is a program of its own or 'dotnet shop.dll'; a child is started as we were.
        string self = Environment.ProcessPath!;
        bool hosted = Path.GetFileNameWithoutExtension(self) == "dotnet";
        ProcessStartInfo start = new(node ? "node" : self) { RedirectStandardInput = true };
        if (node) start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "notifications", "main.mjs"));
        else if (hosted) start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "shop.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string key, string value) in environment) start.Environment[key] = value;
        process = Process.Start(start)!;
    }

    /// <summary>Waits until the service answers. False when it ended or did not in time.</summary>
    public async Task<bool> Ready(TimeSpan timeout, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < timeout && !process.HasExited)
        {
            try
            {
                if ((await Role.Http.GetAsync(new Uri(Address, "healthz"), cancel)).IsSuccessStatusCode) return true;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(100, cancel);
        }
        return false;
    }

    /// <summary>Lets it finish and send its last telemetry; after 5 seconds it is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException)
        {
            process.Kill();
        }
        process.Dispose();
    }
}
