using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Ingest;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Redaction;

/// <summary>Sensitive texts of one kind in one place that reached storage.</summary>
public sealed record Exposure(string Table, string Service, string Carrier, string Key, string Detector, long Count, IReadOnlyList<string> Examples);

public sealed record ScanResult(string ScannedAtUnixNano, long ScannedItems, long ExposedItems);

/// <summary>M9. Before the first scan the time is null.</summary>
public sealed record ExposureScore(
    string? ScannedAtUnixNano, long ScannedItems, long ExposedItems, string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<Exposure> Exposures, IReadOnlyList<ScanResult> History);

/// <summary>Measures what redaction has missed: scans a sample of what is stored, more strictly than ingest, and keeps the result in <c>redaction_scans</c>.</summary>
public sealed class ExposureScan(EngineClient engine, StoredTexts texts, Redactor redactor, RedactionOptions options, TimeProvider clock) : IDisposable
{
    private const int ExposuresMax = 500, HistoryMax = 200;
    private const long ReachNano = 7L * 86_400 * 1_000_000_000;

    private readonly SemaphoreSlim _one = new(1);
    private (ScanResult Result, bool More, IReadOnlyList<Exposure> Exposures)? _latest;

    public void Dispose() => _one.Dispose();

    /// <summary>Scans now; waits for a scan that runs already.</summary>
    public async Task Scan(string tenant, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            long now = clock.UnixNano();
            var tally = new TextTally();
            var rules = redactor.Rules;
            var (items, more) = await texts.Read(tenant, new TimeRange(now - ReachNano, now), options.ScanRows, text => tally.Add(text, StrictScan.Find(text, rules)), cancel);
            var result = new ScanResult(now.ToString(CultureInfo.InvariantCulture), items, tally.Items);
            await engine.Execute("INSERT INTO redaction_scans SELECT {tenant:String}, toDateTime({scanned:Int64}, 'UTC'), {rules:String}, {items:UInt64}, {exposed:UInt64}",
                [
                    EngineParameter.String("tenant", tenant), EngineParameter.Int("scanned", now / 1_000_000_000), EngineParameter.String("rules", rules.Version),
                    EngineParameter.Int("items", items), EngineParameter.Int("exposed", tally.Items),
                ], cancel: cancel);
            _latest = (result, more, [.. tally.Places(ExposuresMax).Select(place => new Exposure(place.Table, place.Service, place.Carrier, place.Key, place.Detector, place.Count, place.Examples))]);
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<ExposureScore> Read(string tenant, CancellationToken cancel)
    {
        var history = new List<ScanResult>();
        await using EngineResponse response = await engine.Query(
            "SELECT toInt64(scanned) AS at, items, exposed FROM redaction_scans WHERE tenant = {tenant:String} ORDER BY scanned DESC LIMIT {limit:UInt32}",
            [EngineParameter.String("tenant", tenant), EngineParameter.Int("limit", HistoryMax)], new EngineSettings { ExecutionSecondsMax = 5 }, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                history.Add(new ScanResult((block["at"].GetInt64(row) * 1_000_000_000).ToString(CultureInfo.InvariantCulture), block["items"].GetInt64(row), block["exposed"].GetInt64(row)));
        if (_latest is not { } latest) return new ExposureScore(history.FirstOrDefault()?.ScannedAtUnixNano, history.FirstOrDefault()?.ScannedItems ?? 0, history.FirstOrDefault()?.ExposedItems ?? 0, "complete", [], [], history);
        IReadOnlyList<PartialReason> reasons = latest.More ? [new("sample", $"Of each table the newest {options.ScanRows} rows of the last 7 days were scanned (Redaction:ScanRows).")] : [];
        return new ExposureScore(latest.Result.ScannedAtUnixNano, latest.Result.ScannedItems, latest.Result.ExposedItems, latest.More ? "partial" : "complete", reasons, latest.Exposures, history);
    }
}
