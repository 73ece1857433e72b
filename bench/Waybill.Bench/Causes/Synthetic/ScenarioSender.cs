using System.Buffers.Binary;
using Waybill.Payloads;

namespace Waybill.Causes.Synthetic;

/// <summary>Sends a scenario's telemetry as OTLP over HTTP, grouped by instance as SDKs do. Services name themselves; pods are resource or span attributes, by seed.</summary>
internal sealed class ScenarioSender(HttpClient http, Uri otlp)
{
    private const int ItemsPerRequest = 4_000;

    public async Task SendSpans(Scenario scenario, CancellationToken cancel)
    {
        bool onSpan = scenario.Seed % 2 == 1;
        foreach (var chunk in scenario.Traffic.Spans.Chunk(ItemsPerRequest))
        {
            var writer = new ProtoWriter();
            foreach (var group in chunk.GroupBy(s => s.Instance))
            {
                int resource = BeginResource(writer, group.First().Service.Name, onSpan ? null : group.Key.Name), scope = writer.Begin(2);
                foreach (var span in group) Write(writer, span, onSpan ? group.Key.Name : null);
                writer.End(scope);
                writer.End(resource);
            }
            await Post("v1/traces", writer, cancel);
        }
    }

    public async Task SendMetricsAndLogs(Scenario scenario, CancellationToken cancel)
    {
        foreach (var chunk in scenario.Traffic.Points.Chunk(ItemsPerRequest))
        {
            var writer = new ProtoWriter();
            foreach (var group in chunk.GroupBy(p => p.Instance))
            {
                // As a collector on the node reports: it names the pod, not the service.
                int resource = BeginResource(writer, "", group.Key.Name), scope = writer.Begin(2);
                foreach (var metric in group.GroupBy(p => p.Metric)) Write(writer, metric.Key, [.. metric]);
                writer.End(scope);
                writer.End(resource);
            }
            await Post("v1/metrics", writer, cancel);
        }
        foreach (var chunk in scenario.Traffic.Logs.Chunk(ItemsPerRequest))
        {
            var writer = new ProtoWriter();
            foreach (var group in chunk.GroupBy(l => l.Instance))
            {
                int resource = BeginResource(writer, group.First().Service.Name, group.Key.Name), scope = writer.Begin(2);
                foreach (var log in group) Write(writer, log);
                writer.End(scope);
                writer.End(resource);
            }
            await Post("v1/logs", writer, cancel);
        }
    }

    private static int BeginResource(ProtoWriter writer, string service, string? pod)
    {
        int entry = writer.Begin(1), resource = writer.Begin(1);
        if (service.Length > 0) Attribute(writer, 1, "service.name", service);
        if (pod is not null) Attribute(writer, 1, "k8s.pod.name", pod);
        writer.End(resource);
        return entry;
    }

    private static void Attribute(ProtoWriter writer, int field, string key, string value)
    {
        int pair = writer.Begin(field);
        writer.Text(1, key);
        int any = writer.Begin(2);
        writer.Text(1, value);
        writer.End(any);
        writer.End(pair);
    }

    private static void Write(ProtoWriter writer, in SyntheticSpan span, string? pod)
    {
        Span<byte> id = stackalloc byte[16];
        int at = writer.Begin(2);
        BinaryPrimitives.WriteUInt128BigEndian(id, span.TraceId);
        writer.Bytes(1, id);
        BinaryPrimitives.WriteUInt64BigEndian(id, span.SpanId);
        writer.Bytes(2, id[..8]);
        if (span.ParentId != 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(id, span.ParentId);
            writer.Bytes(4, id[..8]);
        }
        writer.Text(5, span.Name);
        if (span.Kind != 0) writer.UInt(6, span.Kind);
        writer.Fixed64(7, (ulong)span.StartNano);
        writer.Fixed64(8, (ulong)(span.StartNano + span.DurationNano));
        if (pod is not null) Attribute(writer, 9, "pod", pod);
        if (span.Dependency.Length > 0)
        {
            Attribute(writer, 9, "db.system.name", "postgresql");
            Attribute(writer, 9, "server.address", span.Dependency);
        }
        if (span.Failed)
        {
            int status = writer.Begin(15);
            writer.UInt(3, 2);
            writer.End(status);
        }
        writer.End(at);
    }

    private static void Write(ProtoWriter writer, string name, SyntheticPoint[] points)
    {
        int metric = writer.Begin(2);
        writer.Text(1, name);
        int gauge = writer.Begin(5);
        foreach (var point in points)
        {
            int at = writer.Begin(1);
            writer.Fixed64(3, (ulong)point.TimeNano);
            writer.Double(4, point.Value);
            writer.End(at);
        }
        writer.End(gauge);
        writer.End(metric);
    }

    private static void Write(ProtoWriter writer, in SyntheticLog log)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(id, log.TraceId);
        int at = writer.Begin(2);
        writer.Fixed64(1, (ulong)log.TimeNano);
        writer.UInt(2, (ulong)log.Severity);
        int body = writer.Begin(5);
        writer.Text(1, log.Body);
        writer.End(body);
        writer.Bytes(9, id);
        writer.End(at);
    }

    private async Task Post(string path, ProtoWriter writer, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            using var content = new ByteArrayContent(writer.ToArray());
            content.Headers.ContentType = new("application/x-protobuf");
            using var answer = await http.PostAsync(new Uri(otlp, path), content, cancel);
            if (answer.IsSuccessStatusCode) return;
            if ((int)answer.StatusCode is not (429 or 503) || attempt >= 60) throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        }
    }
}
