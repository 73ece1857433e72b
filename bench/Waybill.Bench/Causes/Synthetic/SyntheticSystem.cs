namespace Waybill.Causes.Synthetic;

/// <summary>How a made-up system looks from outside; every switch is one that real systems differ in.</summary>
internal sealed record SystemTraits(int Services, double TracesPerSecond, bool ClientSpans, bool Kinds, bool Statuses, bool TracedDatabases, double SkewMsMax, double SampledRatio, double LoadChange, bool Deep);

/// <summary>One call that an operation makes.</summary>
/// <param name="Callee">Null for a database or cache of the service's own.</param>
internal sealed record Step(Operation? Callee, double Probability, bool WithPrevious, bool Async, double DatabaseMs);

internal sealed class Operation(Service service, string name, double medianMs, double spread)
{
    public Service Service { get; } = service;
    public string Name { get; } = name;
    public double MedianMs { get; } = medianMs;
    public double Spread { get; } = spread;
    public List<Step> Steps { get; } = [];
    public bool HasInner { get; init; }
}

internal sealed class Service(string name, int layer)
{
    public string Name { get; } = name;
    public int Layer { get; } = layer;
    public List<Instance> Instances { get; } = [];
    public List<Operation> Operations { get; } = [];
    public string Database => $"{Name}-db";
}

internal sealed record Instance(string Name, long SkewNano);

/// <summary>A random call graph of services with instances, made from a seed.</summary>
internal sealed class SyntheticSystem
{
    private static readonly string[] Nouns =
    [
        "cart", "catalog", "orders", "payment", "shipping", "email", "currency", "ads", "user", "auth", "station", "train", "route", "price", "seat", "ticket", "food", "travel", "config", "contacts",
        "security", "inventory", "review", "rating", "search", "profile", "media", "notify", "invoice", "ledger", "coupon", "stock", "voucher", "basic", "assurance", "consign", "delivery", "report", "session", "token",
    ];

    public required SystemTraits Traits { get; init; }
    public List<Service> Services { get; } = [];
    public List<(Operation Operation, double Weight)> Entries { get; } = [];

    public static SyntheticSystem Create(SystemTraits traits, Random random)
    {
        var system = new SyntheticSystem { Traits = traits };
        int layers = traits.Deep ? Math.Max(4, traits.Services / 3) : Math.Clamp(traits.Services / 4, 2, 5);
        for (int s = 0; s < traits.Services; s++)
        {
            int layer = s == 0 ? 0 : 1 + (s - 1) * layers / Math.Max(1, traits.Services - 1);
            var service = new Service(s == 0 ? "frontend" : $"{Nouns[s % Nouns.Length]}{(s >= Nouns.Length ? "2" : "")}", layer);
            int instances = random.Next(10) < 3 ? 1 : 2 + random.Next(3);
            for (int i = 0; i < instances; i++)
                service.Instances.Add(new Instance($"{service.Name}-{random.Next(0x1000000):x6}-{random.Next(0x100000):x5}", (long)((random.NextDouble() * 2 - 1) * traits.SkewMsMax * 1e6)));
            int operations = s == 0 ? 3 + random.Next(4) : 1 + random.Next(4);
            for (int o = 0; o < operations; o++)
                service.Operations.Add(new Operation(service, $"{(o % 2 == 0 ? "GET" : "POST")} /{service.Name}/{(char)('a' + o)}", Math.Exp(random.NextDouble() * 3.5 - 1.2), 0.2 + random.NextDouble() * 0.6) { HasInner = random.Next(5) == 0 });
            system.Services.Add(service);
        }
        foreach (var service in system.Services)
            foreach (var operation in service.Operations) AddSteps(system, operation, random);
        foreach (var operation in system.Services[0].Operations) system.Entries.Add((operation, 0.3 + random.NextDouble() * 2));
        system.ReachAll(random);
        return system;
    }

    private static void AddSteps(SyntheticSystem system, Operation operation, Random random)
    {
        var below = system.Services.Where(s => s.Layer > operation.Service.Layer && (!system.Traits.Deep || s.Layer <= operation.Service.Layer + 2)).ToList();
        int calls = operation.Service.Layer == 0 ? 2 + random.Next(4) : random.Next(4);
        if (random.Next(2) == 0 || below.Count == 0) operation.Steps.Add(new Step(null, random.Next(3) == 0 ? 0.3 : 1, false, false, Math.Exp(random.NextDouble() * 2 - 0.5)));
        for (int c = 0; c < calls && below.Count > 0; c++)
        {
            var callee = below[random.Next(below.Count)];
            operation.Steps.Add(new Step(callee.Operations[random.Next(callee.Operations.Count)], random.Next(3) == 0 ? 0.2 + random.NextDouble() * 0.6 : 1, c > 0 && random.Next(4) == 0, random.Next(15) == 0, 0));
        }
    }

    /// <summary>Nobody is a service that no request reaches.</summary>
    private void ReachAll(Random random)
    {
        foreach (var service in Services.Skip(1))
        {
            var reached = new HashSet<Operation>();
            foreach (var (entry, _) in Entries) Reach(entry, reached);
            if (service.Operations.Any(reached.Contains)) continue;
            var callers = reached.Where(o => o.Service.Layer < service.Layer).OrderBy(o => o.Name, StringComparer.Ordinal).ToList();
            callers[random.Next(callers.Count)].Steps.Add(new Step(service.Operations[0], 1, false, false, 0));
        }
    }

    private static void Reach(Operation operation, HashSet<Operation> reached)
    {
        if (!reached.Add(operation)) return;
        foreach (var step in operation.Steps)
            if (step.Callee is not null) Reach(step.Callee, reached);
    }

    /// <summary>Services by how often a request comes by, so that a fault hits something that is used.</summary>
    public double CallsPerRequest(Service service) => Entries.Sum(e => e.Weight * Calls(e.Operation, service, 0)) / Entries.Sum(e => e.Weight);

    private static double Calls(Operation operation, Service service, int depth) =>
        (operation.Service == service ? 1 : 0) + (depth > 40 ? 0 : operation.Steps.Where(s => s.Callee is not null).Sum(s => s.Probability * Calls(s.Callee!, service, depth + 1)));
}
