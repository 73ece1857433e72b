namespace Waybill.Causes.Synthetic;

internal enum FaultKind { None, Cpu, Memory, Disk, Delay, Loss, Socket, WrongParameter, MissingCall, Swallowed, Exception, EarlyReturn, PodFailure, ServiceDown, Retry }

/// <summary>What is broken, where, from when.</summary>
/// <param name="Instance">The one instance it hits; null for all of the service.</param>
/// <param name="Operation">For faults in the code: the operation.</param>
/// <param name="Step">For faults in the code: which of its calls.</param>
internal sealed record SyntheticFault(FaultKind Kind, Service Service, Instance? Instance, Operation? Operation, int Step, double Strength)
{
    public bool IsCode => Kind is FaultKind.WrongParameter or FaultKind.MissingCall or FaultKind.Swallowed or FaultKind.Exception or FaultKind.EarlyReturn;

    public bool Hits(Instance instance) => Instance is null ? Service.Instances.Contains(instance) : instance == Instance;

    /// <summary>A fault in something that requests come by often enough to be seen in the window.</summary>
    public static SyntheticFault? Create(FaultKind kind, SyntheticSystem system, double requests, Random random)
    {
        if (kind == FaultKind.None) return null;
        var used = system.Services.Where(s => s.Layer > 0 && system.CallsPerRequest(s) * requests > 60).ToList();
        if (used.Count == 0) used = [.. system.Services.Where(s => s.Layer > 0).OrderByDescending(system.CallsPerRequest).Take(2)];
        for (int attempt = 0; attempt < 200; attempt++)
        {
            var service = used[random.Next(used.Count)];
            bool whole = kind == FaultKind.ServiceDown || service.Instances.Count == 1 || random.Next(3) == 0;
            var instance = whole ? null : service.Instances[random.Next(service.Instances.Count)];
            var fault = new SyntheticFault(kind, service, instance, null, -1, random.NextDouble());
            if (kind == FaultKind.PodFailure && service.Instances.Count < 2) continue;
            if (kind == FaultKind.PodFailure) fault = fault with { Instance = service.Instances[random.Next(service.Instances.Count)] };
            if (kind == FaultKind.Socket && !service.Operations.Any(o => o.Steps.Any(s => s.Callee is not null) && Frequency(system, o) * requests > 40)) continue;
            if (kind == FaultKind.Retry || !fault.IsCode) return fault;
            var operation = service.Operations[random.Next(service.Operations.Count)];
            if (Frequency(system, operation) * requests < 40) continue;
            int step = operation.Steps.FindIndex(s => s.Callee is not null && s.Probability > 0.9 && !s.Async);
            bool needsStep = kind is FaultKind.WrongParameter or FaultKind.MissingCall or FaultKind.Swallowed;
            if (needsStep && step < 0) continue;
            if (kind == FaultKind.EarlyReturn && !operation.Steps.Any(s => s.Probability > 0.9 && (s.Callee is not null || system.Traits.TracedDatabases))) continue;
            return fault with { Instance = null, Operation = operation, Step = step };
        }
        return null;
    }

    private static double Frequency(SyntheticSystem system, Operation target) =>
        system.Entries.Sum(e => e.Weight * Count(e.Operation, target, 0)) / system.Entries.Sum(e => e.Weight);

    private static double Count(Operation operation, Operation target, int depth) =>
        (operation == target ? 1 : 0) + (depth > 40 ? 0 : operation.Steps.Where(s => s.Callee is not null).Sum(s => s.Probability * Count(s.Callee!, target, depth + 1)));
}
