using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Encryption;
using Waybill.Ingest;
using Waybill.Spool;
using Waybill.Web;

namespace Waybill.Storage;

/// <summary>The storage's part of the status page.</summary>
/// <param name="LagSeconds">Age of the oldest record that is durable but not searchable yet; 0 when there is none.</param>
public sealed record SpoolSection(
    long Bytes, int Segments, double LagSeconds, long QueueBytes, long RecordsAppended, long RecordsRefused, double? SyncP50Milliseconds, double? SyncP99Milliseconds,
    long DamagedRecords, long TornTails, long QuarantinedFiles, long DiskFreeBytes, double DiskFreeRatio, string? Refusal, string? LastError, InsertStatus Inserts);

/// <param name="Kind">embedded, or server when an outside ClickHouse is used.</param>
public sealed record EngineSection(bool Ready, string? Missing, int ProcessId, int Restarts, string? LastError, string Kind, EngineContents? Contents);

/// <summary>Whether the data directory is encrypted.</summary>
/// <param name="KeyId">Names the key that new data is encrypted under; tells nothing of it.</param>
public sealed record EncryptionSection(bool On, string? KeyId);

public static class StorageServices
{
    public static void AddStorage(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration("Storage").ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<StorageOptions>>().Value);
        services.AddOptions<SpoolOptions>().BindConfiguration("Spool");
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SpoolOptions>>().Value);
        services.AddOptions<EncryptionOptions>().BindConfiguration("Encryption");
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<EncryptionOptions>>().Value.Open(provider.GetRequiredService<StorageOptions>()));
        services.AddSingleton<StorageHost>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageHost>());
        services.AddSingleton(provider => provider.GetRequiredService<StorageHost>().Spool);
        services.AddSingleton(provider => provider.GetRequiredService<StorageHost>().Engine);
        services.AddSingleton<EngineGauge>();
        services.AddSingleton(provider => new ReadinessCheck("engine", () => provider.GetRequiredService<StorageHost>().Missing));
        services.AddSingleton(provider => new StatusSection("spool", () => ReadSpool(provider.GetRequiredService<StorageHost>(), provider.GetRequiredService<TimeProvider>())) { Shape = typeof(SpoolSection) });
        services.AddSingleton(provider => new StatusSection("encryption", () => new EncryptionSection(provider.GetRequiredService<DataAtRest>().IsEncrypted, provider.GetRequiredService<DataAtRest>().KeyId)) { Shape = typeof(EncryptionSection) });
        services.AddSingleton(provider => new StatusSection("engine", () => ReadEngine(provider.GetRequiredService<StorageHost>(), provider.GetRequiredService<EngineGauge>())) { Shape = typeof(EngineSection) });
    }

    private static SpoolSection ReadSpool(StorageHost storage, TimeProvider clock)
    {
        SpoolStatus status = storage.Spool.Status;
        double lag = status.OldestRecordUnixNano is { } oldest ? Math.Max(0, (clock.UnixNano() - oldest) / 1e9) : 0;
        return new SpoolSection(status.Bytes, status.OldestRecordUnixNano is null ? 0 : status.SegmentsWaiting, Math.Round(lag, 3), status.QueueBytes, status.RecordsAppended, status.RecordsRefused,
            status.SyncP50?.TotalMilliseconds, status.SyncP99?.TotalMilliseconds, status.DamagedRecords, status.TornTails, status.QuarantinedFiles,
            status.DiskFreeBytes, Math.Round(status.DiskFreeRatio, 4), status.Refusal == SpoolRefusal.None ? null : status.Refusal.ToString(), status.LastError, storage.Inserts.Status);
    }

    private static EngineSection ReadEngine(StorageHost storage, EngineGauge gauge)
    {
        EngineContents? contents = storage.Missing is null ? gauge.Latest : null;
        return storage.EngineState is { } state
            ? new EngineSection(state.Ready, storage.Missing, state.ProcessId, state.Restarts, state.LastError, "embedded", contents)
            : new EngineSection(storage.Missing is null, storage.Missing, 0, 0, null, "server", contents);
    }
}
