using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Ledger;
using Waybill.Spool;
using Waybill.Storage;

namespace Waybill.Access;

/// <summary>An act of the command line, which has no ledger to write to: a running server holds that.</summary>
public sealed record PendingAct(string Tenant, string By, string Action, string Resource, JsonElement? Detail, long AtUnixSeconds);

/// <summary>
/// What the command line did to users and tokens, until a server has written it into the ledger: a file an act in <c>access/pending</c>, durable before the change
/// is made, removed when its entry is durable.
/// </summary>
public sealed class PendingActs(string dataDirectory)
{
    private string Folder => Path.Combine(dataDirectory, "access", "pending");

    /// <exception cref="AccessFileException">It cannot be written: the change must not be made.</exception>
    public void Add(PendingAct act)
    {
        try
        {
            Disk.CreateDirectory(Folder);
            string path = Path.Combine(Folder, $"{act.AtUnixSeconds:D12}-{Guid.NewGuid():N}.json");
            using (var file = new FileStream(path + ".new", FileMode.CreateNew, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, act, JsonSerializerOptions.Web);
                file.Flush(flushToDisk: true);
            }
            File.Move(path + ".new", path);
            Disk.SyncDirectory(Folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AccessFileException($"{Folder} cannot be written, and nothing was changed: {e.Message}");
        }
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<(string Path, PendingAct Act)> Read()
    {
        if (!Directory.Exists(Folder)) yield break;
        foreach (string path in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal))
            if (Parse(path) is { } act) yield return (path, act);
    }

    private static PendingAct? Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PendingAct>(File.ReadAllBytes(path), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return new PendingAct("", "unknown", "access.unreadable", Path.GetFileName(path), null, 0);   // somebody has written into it: that is to be seen too
        }
    }
}

/// <summary>Writes the command line's acts into the ledger, within seconds.</summary>
internal sealed partial class PendingActsLoop(StorageOptions storage, Acts acts, TimeProvider clock, ILogger<PendingActsLoop> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pending = new PendingActs(storage.Directory);
        using var timer = new PeriodicTimer(Every, clock);
        do
            try
            {
                foreach (var (path, act) in pending.Read())
                {
                    await acts.Record(act.Tenant, new Actor("system", $"command line ({act.By})"), act.Action, act.Resource, detail: new { act.Detail, atUnixNano = $"{act.AtUnixSeconds}000000000" });
                    File.Delete(path);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or LedgerUnavailableException)
            {
                LogWaiting(e.Message);
            }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(1, LogLevel.Warning, "Acts of the command line are not in the ledger yet, and are tried again. {Error}")]
    private partial void LogWaiting(string error);
}
