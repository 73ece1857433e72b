using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Ingest;

namespace Waybill.Catalogs;

/// <summary>Reads the catalog files at start and whenever one changes. A file with problems does not replace what it said before.</summary>
public sealed partial class CatalogLoop(CatalogOptions options, Catalog catalog, TimeProvider clock, ILogger<CatalogLoop> log) : BackgroundService
{
    /// <param name="Good">What the file said when it last had no problem; at first, what of it is good.</param>
    private sealed record Loaded(DateTime Written, long Bytes, long LoadedUnixNano, CatalogFile Latest, IReadOnlyList<CatalogEntity> Good);

    private readonly Dictionary<string, Loaded> _files = [];

    /// <summary>Before anything asks: an owner that appears a moment later would be missing in what was written till then.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Reload();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Paths.Length == 0) return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.ReloadSeconds), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Reload();
    }

    /// <summary>Reads what has changed since the last call.</summary>
    internal void Reload()
    {
        var missing = new List<CatalogProblem>();
        List<string> paths = Find(missing);
        bool changed = paths.Count != _files.Count;
        foreach (string gone in _files.Keys.Except(paths).ToList()) changed |= _files.Remove(gone);
        foreach (string path in paths) changed |= Read(path, missing);
        if (!changed && missing.Count == catalog.Current.Problems.Count(problem => problem.Line == 0)) return;

        var files = _files.OrderBy(file => file.Key, StringComparer.Ordinal).ToList();
        catalog.Replace(CatalogSnapshot.Of([.. files.SelectMany(file => file.Value.Good)],
            [.. files.Select(file => new CatalogSource(file.Key, $"{file.Value.LoadedUnixNano}", file.Value.Good.Count, file.Value.Latest.Problems.Count == 0))],
            [.. missing, .. files.SelectMany(file => file.Value.Latest.Problems)]));
        foreach (CatalogProblem problem in catalog.Current.Problems) LogProblem(problem.File, problem.Line, problem.Field, problem.Message);
        LogLoaded(catalog.Current.Services.Count, files.Count);
    }

    private List<string> Find(List<CatalogProblem> missing)
    {
        var found = new List<string>();
        foreach (string path in options.Paths)
        {
            if (File.Exists(path)) found.Add(path);
            else if (Directory.Exists(path)) found.AddRange(Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".yaml" or ".yml").Order(StringComparer.Ordinal));
            else missing.Add(new CatalogProblem(path, 0, "", "There is no such file (Catalog:Paths)."));
        }
        if (found.Count <= options.FilesMax) return [.. found.Distinct()];
        missing.Add(new CatalogProblem(found[options.FilesMax], 0, "", $"This file and those after it are not read: more than {options.FilesMax} (Catalog:FilesMax)."));
        return [.. found.Take(options.FilesMax).Distinct()];
    }

    private bool Read(string path, List<CatalogProblem> missing)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.LinkTarget is not null) file = (FileInfo)(file.ResolveLinkTarget(returnFinalTarget: true) ?? file);   // a ConfigMap's files are links
            Loaded? before = _files.GetValueOrDefault(path);
            if (before is not null && before.Written == file.LastWriteTimeUtc && before.Bytes == file.Length) return false;
            CatalogFile latest = file.Length <= options.FileBytesMax ? CatalogFile.Parse(path, File.ReadAllText(path))
                : new CatalogFile([], [new CatalogProblem(path, 0, "", $"has {file.Length} bytes; at most {options.FileBytesMax} are read (Catalog:FileBytesMax).")]);
            _files[path] = new Loaded(file.LastWriteTimeUtc, file.Length, clock.UnixNano(), latest, latest.Problems.Count == 0 || before is null ? latest.Entities : before.Good);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            missing.Add(new CatalogProblem(path, 0, "", e.Message));
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The catalog knows {Services} services from {Files} files")]
    private partial void LogLoaded(int services, int files);

    [LoggerMessage(2, LogLevel.Warning, "{File}:{Line}: {Field} {Message}")]
    private partial void LogProblem(string file, int line, string field, string message);
}
