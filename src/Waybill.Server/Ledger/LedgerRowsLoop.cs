using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Engine;
using Waybill.Storage;

namespace Waybill.Ledger;

/// <summary>Makes rows of the ledger's entries, from where the rows end. The files are the truth: rows may lag, and are made again from them.</summary>
public sealed partial class LedgerRowsLoop(LedgerLog log, LedgerLoop ledger, LedgerTable table, StorageHost storage, TimeProvider clock, ILogger<LedgerRowsLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), PauseAfterFailure = TimeSpan.FromSeconds(5);
    private readonly Channel<bool> _more = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Entries that are rows.</summary>
    public long Rows { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ledger.Appended += () => _more.Writer.TryWrite(true);
        _more.Writer.TryWrite(true);
        await storage.Ready.WaitAsync(stoppingToken);
        bool counted = false;
        while (true)
        {
            await _more.Reader.ReadAsync(stoppingToken);
            try
            {
                if (!counted) Rows = await table.Count(stoppingToken);
                counted = true;
                while (Rows < log.Size) await InsertBundle(stoppingToken);
                await Task.Delay(Pause, clock, stoppingToken);   // so that reads that are written down one by one become few inserts
            }
            catch (EngineException e)
            {
                LogNotInserted(e.Message);
                counted = false;
                await Task.Delay(PauseAfterFailure, clock, stoppingToken);
                _more.Writer.TryWrite(true);
            }
        }
    }

    private async Task InsertBundle(CancellationToken cancel)
    {
        long size = log.Size, bundle = Rows / MerkleTree.TileWidth, begin = bundle * MerkleTree.TileWidth;
        int width = (int)Math.Min(MerkleTree.TileWidth, size - begin);
        IReadOnlyList<byte[]> entries = log.Files.ReadEntries(bundle, width);
        await table.Insert(Rows, [.. entries.Skip((int)(Rows - begin))], cancel);
        Rows = begin + width;
    }

    [LoggerMessage(1, LogLevel.Warning, "Entries of the ledger are not searchable yet; trying again. {Error}")]
    private partial void LogNotInserted(string error);
}
