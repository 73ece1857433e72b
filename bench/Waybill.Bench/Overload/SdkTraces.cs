using System.Buffers.Binary;
using System.Diagnostics;
using Waybill.Payloads;

namespace Waybill.Overload;

/// <summary>The traces one SDK process sends: numbered, with ids that follow from the number, four spans each.</summary>
internal sealed class SdkTraces(int process)
{
    public const int SpansPerTrace = 4;
    public const string NumberTag = "bench.trace";

    private readonly ulong _run = Chance.Mix((ulong)process ^ 0xA0761D6478BD642F);

    public ActivityTraceId Id(int number)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, Chance.Mix(_run + (ulong)number));
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], Chance.Mix(~_run + (ulong)number));
        return ActivityTraceId.CreateFromBytes(id);
    }
}

/// <summary>What became of the spans of each trace, two bytes a trace.</summary>
internal sealed class SdkOutcomes(int traces)
{
    private readonly byte[] _acknowledged = new byte[traces], _unknown = new byte[traces];

    public int Traces => _acknowledged.Length;

    public long Acknowledged => _acknowledged.Sum(count => (long)count);

    public long Unknown => _unknown.Sum(count => (long)count);

    /// <summary>Spans of a trace that must be stored, and how many more may be because their request was never answered.</summary>
    public (int Acknowledged, int Unknown) Of(int trace) => (_acknowledged[trace], _unknown[trace]);

    public void Acknowledge(int trace) => _acknowledged[trace]++;

    public void Doubt(int trace) => _unknown[trace]++;

    public void Save(string path) => File.WriteAllBytes(path, [.. _acknowledged, .. _unknown]);

    public static SdkOutcomes Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var outcomes = new SdkOutcomes(bytes.Length / 2);
        bytes.AsSpan(0, outcomes.Traces).CopyTo(outcomes._acknowledged);
        bytes.AsSpan(outcomes.Traces).CopyTo(outcomes._unknown);
        return outcomes;
    }
}
