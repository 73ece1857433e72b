using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Egress;
using Waybill.Ingest;
using Waybill.Storage;

namespace Waybill.Ledger;

/// <summary>How far a witness has signed.</summary>
/// <param name="Size">Entries under its newest cosignature; 0 when it has given none since the start.</param>
/// <param name="Wrong">Why it has not signed the last time; null when it has.</param>
public sealed record WitnessState(string Name, string Url, long Size, string? CosignedUnixNano, string? Wrong);

/// <summary>Shows the newest checkpoint to every known witness, and keeps it with their signatures in <c>witnessed</c> beside the ledger: what no fork of it can have.</summary>
public sealed partial class WitnessLoop(LedgerLog log, LedgerOptions options, StorageOptions storage, OutgoingCalls calls, TimeProvider clock, ILogger<WitnessLoop> logger) : BackgroundService
{
    private readonly KnownWitness[] _witnesses = [.. options.Witnesses.Select(text => KnownWitness.Parse(text)!)];
    private WitnessState[] _states = [.. options.Witnesses.Select(text => KnownWitness.Parse(text)!).Select(witness => new WitnessState(witness.Key.Name, witness.Url.ToString(), 0, null, null))];

    public IReadOnlyList<WitnessState> States => _states;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_witnesses.Length == 0) return;
        using HttpClient http = calls.ForOperator(target => Array.Exists(_witnesses, witness => OutgoingCalls.IsSame(target, witness.Url)));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.WitnessSeconds), clock);
        do await Show(http, stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Show(HttpClient http, CancellationToken cancel)
    {
        LedgerHead head = log.Head;
        if (head.Size == 0 || _states.All(state => state.Size == head.Size && state.Wrong is null)) return;
        var lines = new List<string>();
        var states = new WitnessState[_witnesses.Length];
        for (int i = 0; i < _witnesses.Length; i++)
        {
            string? line = null, wrong;
            try
            {
                (line, wrong) = await WitnessClient.Submit(http, _witnesses[i], head.Note, new MerkleTree(head.Size, log.Files.ReadHashes), _states[i].Size, cancel);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                wrong = "it cannot be reached";
            }
            if (line is not null) lines.Add(line);
            else if (_states[i].Wrong != wrong) LogNotSigned(_witnesses[i].Key.Name, wrong!);
            states[i] = line is null ? _states[i] with { Wrong = wrong } : _states[i] with { Size = head.Size, CosignedUnixNano = $"{clock.UnixNano()}", Wrong = null };
        }
        if (lines.Count > 0)
        {
            string path = Path.Combine(storage.Directory, "witnessed");
            await File.WriteAllTextAsync(path + ".new", head.Note + string.Concat(lines), cancel);
            File.Move(path + ".new", path, overwrite: true);
        }
        _states = states;
    }

    [LoggerMessage(1, LogLevel.Warning, "The witness {Name} has not signed the ledger's checkpoint: {Wrong}")]
    private partial void LogNotSigned(string name, string wrong);
}
