using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Shop;

/// <param name="OtlpGrpc">Where SDKs with OTLP over gRPC send.</param>
/// <param name="OtlpHttp">Where SDKs with OTLP over HTTP send, protobuf and JSON.</param>
public sealed record FleetOptions(Uri OtlpGrpc, Uri OtlpHttp, string DataDirectory);

/// <summary>All processes of the Shop: starts them, replaces them, breaks them on request, ends them.</summary>
public sealed class Fleet(FleetOptions options, TimeProvider clock) : IAsyncDisposable
{
    private const int RestartsMax = 5;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Child> children = new();
    private readonly ConcurrentDictionary<string, Uri> addresses = new();
    private readonly ConcurrentDictionary<string, string?> faults = new();   // Name, and the zone it is limited to.
    private readonly SemaphoreSlim oneChange = new(1);
    private readonly CancellationTokenSource ending = new();

    public IEnumerable<Child> Children => Service.All.Select(service => children.GetValueOrDefault(service.Name)).OfType<Child>();

    public IEnumerable<string> Faults => faults.Keys.Order();

    /// <summary>Starts every service at once. Returns those that did not come up.</summary>
    public async Task<List<string>> Start(CancellationToken cancel)
    {
        Directory.CreateDirectory(options.DataDirectory);
        await File.WriteAllTextAsync(Path.Combine(options.DataDirectory, "provider.secret"), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), cancel);
        foreach (Service service in Service.All) addresses[service.Name] = FreeAddress();
        bool[] ready = await Task.WhenAll(Service.All.Select(service => Launch(service, cancel)));
        return [.. Service.All.Zip(ready).Where(pair => !pair.Second).Select(pair => pair.First.Name)];
    }

    /// <summary>Starts the customers.</summary>
    public void StartTraffic(double perSecond, int seed)
    {
        Service traffic = new("traffic", "traffic", "", "", null);
        children["traffic"] = new Child(traffic, addresses["gateway"],
            ["traffic", "--rate", perSecond.ToString(CultureInfo.InvariantCulture), "--seed", $"{seed}"], EnvironmentOf(traffic));
    }

    /// <summary>Switches a fault, and announces the change that caused it.</summary>
    /// <returns>What went wrong, or null.</returns>
    public async Task<string?> Switch(Fault fault, bool active, string? zone, CancellationToken cancel)
    {
        await oneChange.WaitAsync(cancel);
        try
        {
            if (faults.ContainsKey(fault.Name) == active) return null;
            zone = fault.Name != "credential-rotation" || !active ? null : string.IsNullOrEmpty(zone) ? "b" : zone;
            Announcement? change = fault.Announcement(active);
            Guid id = Guid.NewGuid();
            if (change is not null) await change.Announce(id, "running", zone, clock, cancel);
            string? failure = fault.Name == "bad-deploy" ? await Deploy("orders", active ? "1.4.1" : "1.4.0", cancel) : null;
            if (failure is not null)
            {
                if (change is not null) await change.Announce(id, "failure", zone, clock, cancel);
                return failure;
            }
            if (active) faults[fault.Name] = zone;
            else faults.TryRemove(fault.Name, out _);

            foreach (string role in fault.Roles)   // In this order: the provider has its new secret before payments read it.
                foreach (Child child in Children.Where(child => child.Service.Role == role))
                    await Switch(child.Address, fault.Name, active, zone, cancel);
            if (change is not null) await change.Announce(id, "success", zone, clock, cancel);
            return null;
        }
        catch (HttpRequestException error)
        {
            return $"A service did not take the switch: {error.Message}";
        }
        finally
        {
            oneChange.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        if (children.TryRemove("traffic", out Child? traffic)) await traffic.DisposeAsync();
        await Task.WhenAll(children.Values.Select(child => child.DisposeAsync().AsTask()));
        ending.Dispose();
        oneChange.Dispose();
    }

    // A rolling deploy: the new version starts beside the old one, takes the traffic, and the old one finishes its work.
    private async Task<string?> Deploy(string name, string version, CancellationToken cancel)
    {
        Child old = children[name];
        addresses[name] = FreeAddress();
        bool moved = await Launch(old.Service with { Version = version }, cancel);
        if (moved)
        {
            Uri upstream = new(addresses["gateway"], $"upstreams/{name}?address={Uri.EscapeDataString(addresses[name].ToString())}");
            using HttpResponseMessage answer = await Role.Http.PutAsync(upstream, null, cancel);
            moved = answer.IsSuccessStatusCode;
        }
        Child leaving = moved ? old : children[name];
        if (!moved)
        {
            children[name] = old;
            addresses[name] = old.Address;
        }
        await leaving.DisposeAsync();
        return moved ? null : $"{name} {version} did not take over; {old.Service.Version} goes on.";
    }

    private async Task<bool> Launch(Service service, CancellationToken cancel)
    {
        Child child;
        try
        {
            child = new Child(service, addresses[service.Name], service.Role == "notifications" ? [] : [service.Role], EnvironmentOf(service));
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            await Console.Error.WriteLineAsync($"{service.Name} did not start: {error.Message}");
            return false;
        }
        children[service.Name] = child;
        if (!await child.Ready(ReadyTimeout, cancel)) return false;
        foreach ((string name, string? zone) in faults)
            if (Fault.Find(name)!.Roles.Contains(service.Role)) await Switch(child.Address, name, true, zone, cancel);
        _ = Watch(child);
        return true;
    }

    private async Task Watch(Child child)
    {
        for (int restarts = 0; restarts < RestartsMax; restarts++)
        {
            await child.Ended;
            if (ending.IsCancellationRequested || children.GetValueOrDefault(child.Service.Name) != child) return;
            await Console.Error.WriteLineAsync($"{child.Service.Name} (process {child.ProcessId}) ended by itself; it is started again.");
            await child.DisposeAsync();
            await Task.Delay(TimeSpan.FromSeconds(1));
            if (!await Launch(child.Service, ending.Token)) continue;
            return;   // The new child has its own watch.
        }
    }

    private static async Task Switch(Uri address, string fault, bool active, string? zone, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(active ? HttpMethod.Put : HttpMethod.Delete, new Uri(address, $"faults/{fault}?zone={zone}"));
        using HttpResponseMessage answer = await Role.Http.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
    }

    private Dictionary<string, string> EnvironmentOf(Service service)
    {
        Dictionary<string, string> environment = new()
        {
            ["SHOP_CHILD"] = "1",
            ["SHOP_URL"] = addresses.GetValueOrDefault(service.Name)?.ToString() ?? "",
            ["SHOP_DATA"] = options.DataDirectory,
            ["SHOP_VERSION"] = service.Version,
            ["SHOP_ZONE"] = service.Zone,
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_GCHeapHardLimit"] = "0x8000000",   // 128 MiB, hexadecimal.
        };
        foreach ((string name, Uri address) in addresses) environment[$"SHOP_{name.Replace('-', '_').ToUpperInvariant()}_URL"] = address.ToString();
        if (service.Protocol is null) return environment;

        environment["OTEL_SERVICE_NAME"] = service.Role;
        environment["OTEL_RESOURCE_ATTRIBUTES"] = string.Join(',',
            "service.namespace=shop", $"service.version={service.Version}", $"service.instance.id={service.Name}-{Guid.NewGuid():n}"[..(service.Name.Length + 29)],
            "deployment.environment.name=demo", "cloud.region=eu-demo-1", $"cloud.availability_zone={service.Zone}",
            $"vcs.ref.head.revision={Announcement.CommitOf(service.Role, service.Version)}", "vcs.repository.url.full=https://git.shop.example/shop");
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = service.Protocol;
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = (service.Protocol == "grpc" ? options.OtlpGrpc : options.OtlpHttp).ToString();
        environment["OTEL_TRACES_EXPORTER"] = environment["OTEL_METRICS_EXPORTER"] = environment["OTEL_LOGS_EXPORTER"] = "otlp";
        environment["OTEL_BSP_SCHEDULE_DELAY"] = environment["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";   // Milliseconds: who watches a demo does not want to wait.
        environment["OTEL_METRIC_EXPORT_INTERVAL"] = "10000";
        return environment;
    }

    private static Uri FreeAddress()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndPoint!).Port}/");
    }
}
