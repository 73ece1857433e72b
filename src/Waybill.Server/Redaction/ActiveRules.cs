using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Storage;

namespace Waybill.Redaction;

/// <summary>
/// Easy to misread: a file with errors at the start stops the server, because what its author wanted kept out would come in. Later the last good version stays
/// in force and the errors are shown; so does it when the file disappears.
/// </summary>
public sealed partial class ActiveRules : BackgroundService
{
    private readonly RedactionOptions _options;
    private readonly Redactor _redactor;
    private readonly Acts _acts;
    private readonly string _tenant;
    private readonly TimeProvider _clock;
    private readonly ILogger<ActiveRules> _log;
    private (DateTime Written, long Length)? _seen;

    public ActiveRules(RedactionOptions options, StorageOptions storage, IngestOptions ingest, Redactor redactor, Acts acts, TimeProvider clock, ILogger<ActiveRules> log)
    {
        (_options, _redactor, _acts, _tenant, _clock, _log) = (options, redactor, acts, ingest.Tenant, clock, log);
        Path = System.IO.Path.GetFullPath(options.RulesFile ?? System.IO.Path.Combine(storage.Directory, "redaction.yaml"));
        if (options.RulesFile is not null && !File.Exists(Path)) throw Refuse([$"Redaction:RulesFile: there is no file {Path}."]);
        Load();
        if (Errors.Count > 0) throw Refuse([$"{Path} has errors; mend them, or move the file away to start with the built-in rules.", .. Errors.Select(error => error.ToString())]);
    }

    public string Path { get; }

    /// <summary>Whether the rules in force come from the file.</summary>
    public bool FromFile { get; private set; }

    public long LoadedUnixNano { get; private set; }

    /// <summary>What is wrong with the file's last version; empty when it is in force.</summary>
    public IReadOnlyList<RuleError> Errors { get; private set; } = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? written = null;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_options.ReloadSeconds), _clock);
        do
        {
            if (Stamp() != _seen) Load();
            if (_redactor.Rules.Version != written) written = await WriteDown(written) ? _redactor.Rules.Version : written;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Says in the ledger which rules are in force from now on; tried again at the next look when it cannot.</summary>
    private async Task<bool> WriteDown(string? before)
    {
        try
        {
            RuleSet rules = _redactor.Rules;
            await _acts.Record(_tenant, Actor.System, before is null ? "rules.load" : "rules.change", "redaction", detail: new { version = rules.Version, before, source = FromFile ? Path : null, rules = rules.Rules.Count, enabled = _options.Enabled });
            return true;
        }
        catch (LedgerUnavailableException)
        {
            return false;
        }
    }

    private (DateTime, long)? Stamp()
    {
        var file = new FileInfo(Path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
    }

    private void Load()
    {
        _seen = Stamp();
        if (_seen is null)
        {
            if (FromFile) Errors = [new RuleError(0, "", $"{Path} is gone; the rules of its last version stay in force until it is back or the server starts again.")];
            else LoadedUnixNano = _clock.UnixNano();
            return;
        }
        try
        {
            if (_seen.Value.Length > RulesText.BytesMax)
            {
                Errors = [new RuleError(1, "", $"The file is larger than {RulesText.BytesMax} bytes.")];
                return;
            }
            var (rules, errors) = RulesText.Parse(File.ReadAllText(Path));
            Errors = errors;
            if (rules is null)
            {
                foreach (var error in errors) LogWrong(Path, error.ToString());
                return;
            }
            _redactor.Rules = rules;
            (FromFile, LoadedUnixNano) = (true, _clock.UnixNano());
            LogLoaded(Path, rules.Rules.Count, rules.Version);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Errors = [new RuleError(0, "", $"{Path} cannot be read: {e.Message}")];
            _seen = null;
            LogWrong(Path, e.Message);
        }
    }

    private static OptionsValidationException Refuse(IEnumerable<string> failures) => new("Redaction", typeof(RedactionOptions), failures);

    [LoggerMessage(1, LogLevel.Information, "Redaction rules of {Path} are in force: {Rules} rules, {Version}")]
    private partial void LogLoaded(string path, int rules, string version);

    [LoggerMessage(2, LogLevel.Error, "{Path} was not taken, the rules before stay in force: {Error}")]
    private partial void LogWrong(string path, string error);
}
