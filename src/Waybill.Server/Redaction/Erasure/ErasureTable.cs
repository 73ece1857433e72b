using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Redaction.Erasure;

/// <summary>Runs an erasure's changes in the engine.</summary>
public sealed class ErasureTable(EngineClient engine)
{
    private const int SecondsMax = 3_600;
    private const string Tenant = "tenant = {tenant:String} AND ";
    private static readonly EngineSettings Read = new() { ExecutionSecondsMax = 600, ThreadsMax = 1, MemoryBytesMax = 2L << 30 };
    private static readonly EngineSettings Write = new() { ExecutionSecondsMax = SecondsMax, Others = new Dictionary<string, string> { ["mutations_sync"] = "2", ["max_threads"] = "1" } };

    /// <summary>Changes the rows, and returns when every part that held one is rewritten and durable.</summary>
    /// <returns>Rows that were changed.</returns>
    internal async Task<long> Run(ErasureStep step, CancellationToken cancel)
    {
        long rows = await Count(step, cancel);
        if (rows > 0) await engine.Execute($"ALTER TABLE {step.Table} {step.Change} WHERE {Tenant}{step.Where}", step.Parameters, Write, cancel);
        return rows;
    }

    /// <summary>Rows that the step would still change.</summary>
    internal async Task<long> Count(ErasureStep step, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($"SELECT count() AS rows FROM {step.Table} WHERE {Tenant}{step.Where}", step.Parameters, Read, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block ? block["rows"].GetInt64(0) : 0;
    }
}
