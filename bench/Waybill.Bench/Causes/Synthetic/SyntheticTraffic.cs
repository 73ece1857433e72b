using System.Buffers.Binary;

namespace Waybill.Causes.Synthetic;

internal readonly record struct SyntheticSpan(UInt128 TraceId, ulong SpanId, ulong ParentId, long StartNano, long DurationNano, Service Service, Instance Instance, string Name, byte Kind, bool Failed, string Dependency);

internal readonly record struct SyntheticLog(long TimeNano, Service Service, Instance Instance, int Severity, string Body, UInt128 TraceId);

internal readonly record struct SyntheticPoint(long TimeNano, Service Service, Instance Instance, string Metric, double Value);

/// <summary>Runs requests through a system, with a fault from a given time on, and writes down what its telemetry would be.</summary>
internal sealed class SyntheticTraffic(SyntheticSystem system, SyntheticFault? fault, long faultSinceNano, long faultUntilNano, Random random)
{
    private const byte ServerKind = 2, ClientKind = 3, InternalKind = 1;
    private const int DepthMax = 30, SpansPerTraceMax = 400;

    private readonly SystemTraits _traits = system.Traits;
    private readonly Dictionary<(Instance, long), int> _work = [];
    private UInt128 _trace;
    private bool _kept, _faulty;
    private double _load = 1;
    private int _spansLeft;

    public List<SyntheticSpan> Spans { get; } = [];
    public List<SyntheticLog> Logs { get; } = [];
    public List<SyntheticPoint> Points { get; } = [];

    private readonly record struct Outcome(long EndNano, bool Failed, bool Odd);

    public void Run(long sinceNano, long untilNano, long loadChangeAtNano)
    {
        double total = system.Entries.Sum(e => e.Weight);
        long at = sinceNano;
        Span<byte> id = stackalloc byte[16];
        while (true)
        {
            _load = at >= loadChangeAtNano ? _traits.LoadChange : 1;
            double wave = 1 + 0.2 * Math.Sin((at - sinceNano) / 4e11);
            at += (long)(-Math.Log(1 - random.NextDouble()) / (_traits.TracesPerSecond * _load * wave) * 1e9);
            if (at >= untilNano) break;
            double draw = random.NextDouble() * total;
            var entry = system.Entries.First(e => (draw -= e.Weight) <= 0 || e == system.Entries[^1]).Operation;
            random.NextBytes(id);
            _trace = BinaryPrimitives.ReadUInt128BigEndian(id);
            _kept = random.NextDouble() < _traits.SampledRatio;
            _spansLeft = SpansPerTraceMax;
            Serve(entry, 0, at, 0);
        }
        WriteMetrics(sinceNano, untilNano);
    }

    private bool Active(FaultKind kind, Service service, Instance instance) => _faulty && fault!.Kind == kind && fault.Service == service && fault.Hits(instance);

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private long Draw(double medianMs, double spread)
    {
        double slow = random.NextDouble() < 0.002 ? 10 : 1;   // a hiccup now and then, everywhere
        return (long)(medianMs * Math.Exp(Normal() * spread) * slow * (1 + 0.15 * Math.Max(0, _load - 1)) * 1e6) + 1_000;
    }

    private long Way(Instance caller, Instance callee, out bool lost)
    {
        long way = (long)((0.15 + 0.15 * -Math.Log(1 - random.NextDouble())) * 1e6);
        lost = false;
        if (!_faulty || fault is null) return way;
        bool hit = fault.Hits(caller) || fault.Hits(callee);
        if (fault.Kind == FaultKind.Delay && hit) way += (long)((20 + 150 * fault.Strength) * (0.8 + 0.4 * random.NextDouble()) * 1e6);
        if (fault.Kind == FaultKind.Loss && hit && random.NextDouble() < 0.05 + 0.2 * fault.Strength)
        {
            way += (long)(200 * (1 << random.Next(3)) * 1e6);
            lost = random.Next(8) == 0;
        }
        if (fault.Kind == FaultKind.Cpu && fault.Hits(callee)) way += (long)(-Math.Log(1 - random.NextDouble()) * (1 + 4 * fault.Strength) * 1e6);
        return way;
    }

    /// <summary>Own work of one piece of an operation.</summary>
    private long Work(Operation operation, Instance instance, double share)
    {
        double work = Draw(operation.MedianMs * share, operation.Spread);
        if (!_faulty || fault is null || fault.Service != operation.Service || !fault.Hits(instance)) return (long)work;
        switch (fault.Kind)
        {
            case FaultKind.Cpu: return (long)(work * (1 + (1.5 + 6 * fault.Strength) * (0.5 + random.NextDouble())));
            case FaultKind.Memory: return (long)(work * (1.2 + 0.5 * fault.Strength)) + (random.NextDouble() < 0.04 + 0.05 * fault.Strength ? (long)((50 + random.Next(300)) * 1e6) : 0);
            case FaultKind.Disk: return random.NextDouble() < 0.5 ? (long)(work + (5 + 40 * fault.Strength) * -Math.Log(1 - random.NextDouble()) * 1e6) : (long)work;
            default: return (long)work;
        }
    }

    private Outcome Serve(Operation operation, ulong parent, long start, int depth, Instance? chosen = null)
    {
        // What decides is when this span runs: a request that began before the fault may meet it later.
        _faulty = fault is not null && start >= faultSinceNano && start < faultUntilNano;
        var service = operation.Service;
        var instance = chosen ?? Choose(service);
        _work[(instance, start / 10_000_000_000)] = _work.GetValueOrDefault((instance, start / 10_000_000_000)) + 1;
        ulong id = NextId();
        bool failed = false, odd = false, broken = _faulty && fault!.IsCode && fault.Operation == operation;
        double share = 1.0 / (operation.Steps.Count + 1);
        long at = start + Work(operation, instance, share), latest = at;
        if (broken && fault!.Kind == FaultKind.Exception)
        {
            Log(at, instance, service, 17, $"unhandled exception in {operation.Name}: index {random.Next(100)} out of range");
            (failed, odd) = (true, true);
        }
        else if (broken && fault!.Kind == FaultKind.EarlyReturn) odd = true;
        else (at, failed, odd) = RunSteps(operation, instance, id, at, share, depth, broken);
        latest = Math.Max(latest, at);
        if (operation.HasInner) Add(new SyntheticSpan(_trace, NextId(), id, start + 1000, Math.Max(1000, (long)((latest - start) * 0.05)), service, instance, "validate", InternalKind, false, ""));
        Add(new SyntheticSpan(_trace, id, parent, start, latest - start, service, instance, operation.Name, ServerKind, failed, ""));
        if (random.Next(3) == 0) Log(latest, instance, service, 9, $"handled {operation.Name} in {(latest - start) / 1e6:0.0} ms for user-{random.Next(10000)}");
        if (failed) Log(latest, instance, service, 17, $"{operation.Name} failed for user-{random.Next(10000)}");
        return new Outcome(latest, failed, odd && failed);
    }

    private (long At, bool Failed, bool Odd) RunSteps(Operation operation, Instance instance, ulong id, long at, double share, int depth, bool broken)
    {
        bool failed = false;
        long begin = at, latest = at;
        for (int s = 0; s < operation.Steps.Count && !failed; s++)
        {
            var step = operation.Steps[s];
            bool here = broken && s == fault!.Step;
            if (here && fault!.Kind == FaultKind.MissingCall) continue;
            if (here && fault!.Kind == FaultKind.Swallowed)
            {
                Log(latest, instance, operation.Service, 13, $"ignored an error while calling {step.Callee!.Service.Name}");
                break;
            }
            if (random.NextDouble() >= step.Probability || depth > DepthMax || _spansLeft <= 0) continue;
            if (!step.WithPrevious) begin = latest;
            var outcome = step.Callee is null ? Query(operation, instance, id, begin, step) : Call(operation, instance, id, begin, step, depth, here && fault!.Kind == FaultKind.WrongParameter);
            failed |= outcome.Failed && !step.Async;
            if (!step.Async) latest = Math.Max(latest, outcome.EndNano + (step.WithPrevious ? 0 : Work(operation, instance, share)));
        }
        return (latest, failed, failed);
    }

    private Outcome Query(Operation operation, Instance instance, ulong id, long at, Step step)
    {
        long took = Draw(step.DatabaseMs, 0.4);
        if (_faulty && fault is not null && fault.Service == operation.Service && fault.Hits(instance))
        {
            if (fault.Kind == FaultKind.Disk) took = (long)(took * (2 + 5 * fault.Strength));
            if (fault.Kind == FaultKind.Delay) took += (long)((20 + 150 * fault.Strength) * 1e6);
        }
        if (_traits.TracedDatabases)
            Add(new SyntheticSpan(_trace, NextId(), id, at, took, operation.Service, instance, $"SELECT {operation.Service.Database}", ClientKind, false, operation.Service.Database));
        return new Outcome(at + took, false, false);
    }

    private Outcome Call(Operation operation, Instance instance, ulong id, long at, Step step, int depth, bool wrong)
    {
        var callee = step.Callee!;
        var target = Choose(callee.Service);
        ulong client = _traits.ClientSpans ? NextId() : id;
        long wait = 0;
        if (_faulty && fault!.Kind == FaultKind.Socket && fault.Service == operation.Service && fault.Hits(instance))
        {
            wait = (long)(-Math.Log(1 - random.NextDouble()) * (10 + 60 * fault.Strength) * 1e6);
            if (random.NextDouble() < 0.1 + 0.2 * fault.Strength) return Ended(at + wait, true, 0);
        }
        bool down = _faulty && ((fault!.Kind == FaultKind.ServiceDown && fault.Service == callee.Service) || (fault.Kind == FaultKind.PodFailure && fault.Instance == target && random.Next(3) == 0));
        if (down) return Ended(at + (fault!.Strength < 0.5 ? Draw(1, 0.5) : (long)((1000 + 2000 * fault.Strength) * 1e6)), true, 0);
        if (_faulty && fault!.Kind == FaultKind.PodFailure && fault.Instance == target)
            target = callee.Service.Instances.First(i => i != fault.Instance);
        long there = Way(instance, target, out bool lost);
        if (lost) return Ended(at + there + 1_000_000_000, true, 0);
        if (wrong)
        {
            bool was = _faulty;
            long refused = at + wait + there, took = Draw(callee.MedianMs * 0.3, callee.Spread);
            Add(new SyntheticSpan(_trace, NextId(), client, refused, took, callee.Service, target, callee.Name, ServerKind, false, ""));
            Log(refused + took, target, callee.Service, 13, $"bad request for {callee.Name}: argument {random.Next(1000)} is not valid");
            _faulty = was;
            return Ended(refused + took + there / 2, true, 0);
        }
        var outcome = Serve(callee, client, at + wait + there / 2, depth + 1, target);
        _faulty = fault is not null && at >= faultSinceNano && at < faultUntilNano;
        return Ended(outcome.EndNano + there / 2, outcome.Failed, 0);

        Outcome Ended(long end, bool failed, int _)
        {
            if (_traits.ClientSpans)
                Add(new SyntheticSpan(_trace, client, id, at, end - at, operation.Service, instance, $"call {callee.Name}", step.Async ? (byte)4 : ClientKind, failed, ""));
            return new Outcome(end, failed, false);
        }
    }

    private Instance Choose(Service service) => service.Instances[random.Next(service.Instances.Count)];

    private ulong NextId() => (ulong)random.NextInt64(1, long.MaxValue);

    private void Add(SyntheticSpan span)
    {
        _spansLeft--;
        if (!_kept) return;
        Spans.Add(span with
        {
            StartNano = span.StartNano + span.Instance.SkewNano,
            Kind = _traits.Kinds ? span.Kind : (byte)0,
            Failed = _traits.Statuses && span.Failed,
            Dependency = _traits.Kinds ? span.Dependency : "",
        });
    }

    private void Log(long at, Instance instance, Service service, int severity, string body) => Logs.Add(new SyntheticLog(at, service, instance, severity, body, _trace));

    private void WriteMetrics(long since, long until)
    {
        foreach (var service in system.Services)
            foreach (var instance in service.Instances)
            {
                double cpu = 0.05 + random.NextDouble() * 0.3, memory = 80e6 + random.NextDouble() * 400e6, disk = 1e4 + random.NextDouble() * 1e6, net = 1e4 + random.NextDouble() * 1e5, leak = 0;
                for (long at = since + 10_000_000_000; at < until; at += 10_000_000_000)
                {
                    double work = _work.GetValueOrDefault((instance, at / 10_000_000_000 - 1)) / Math.Max(1, system.CallsPerRequest(service) * _traits.TracesPerSecond * 10 / service.Instances.Count);
                    bool hit = fault is not null && at >= faultSinceNano && at < faultUntilNano && fault.Hits(instance);
                    bool dead = hit && fault!.Kind is FaultKind.PodFailure or FaultKind.ServiceDown;
                    if (dead) continue;
                    if (hit && fault!.Kind == FaultKind.Memory) leak += memory * (0.1 + 0.3 * fault.Strength);
                    Point("cpu_usage", cpu * (0.3 + 0.7 * work) * (1 + 0.08 * Normal()) + (hit && fault!.Kind == FaultKind.Cpu ? 0.7 + 0.3 * fault.Strength : 0));
                    Point("memory_working_set_bytes", memory * (1 + 0.01 * Normal()) + leak);
                    Point("disk_io_bytes", disk * Math.Exp(0.4 * Normal()) + (hit && fault!.Kind == FaultKind.Disk ? 2e7 * (1 + fault.Strength) : 0));
                    Point("network_receive_bytes", net * (0.1 + work) * Math.Exp(0.15 * Normal()) * (hit && fault!.Kind == FaultKind.Loss ? 0.6 : 1));
                    Point("sockets", 12 + random.Next(4) + (hit && fault!.Kind == FaultKind.Socket ? 400 : 0));

                    void Point(string metric, double value) => Points.Add(new SyntheticPoint(at, service, instance, metric, value));
                }
            }
    }
}
