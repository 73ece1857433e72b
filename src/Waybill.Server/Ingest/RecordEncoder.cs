using System.Text;
using Waybill.Batches;
using Waybill.Exceptions;
using Waybill.Graph;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Origins;
using Waybill.Redaction;
using Waybill.Schema;
using Waybill.Spans;
using Waybill.Spool;
using Waybill.Traces;

namespace Waybill.Ingest;

/// <summary>Turns a decoded batch into the sections of one spool record. Reused; one request at a time.</summary>
internal sealed class RecordEncoder(KnownIdentities known, KnownStacks stacks, RecentTraces recent, IngestOptions options, AliasKeys aliasKeys)
{
    private readonly OriginIdentities _origins = new();
    private readonly Column<int> _newResources = new(), _newScopes = new();
    private readonly Column<SeriesRow> _newSeries = new();
    private readonly Column<ulong> _written = new();
    private readonly PartedRows _rows = new(), _histograms = new(), _exponentials = new(), _summaries = new();
    private readonly SpanBlocks _spans = new(aliasKeys);
    private readonly LinkBlocks _links = new();
    private readonly TraceIndexBlocks _index = new();
    private readonly LogBlocks _logs = new();
    private readonly Column<ulong> _logTimes = new();
    private readonly MetricBlocks _metrics = new();
    private readonly DistributionBlocks _distributions = new();
    private readonly ExemplarBlocks _exemplars = new();
    private readonly OccurrenceEncoder _occurrences = new(stacks, known);
    private readonly FindingBlocks _findings = new();
    private byte[] _tenant = [];
    private string _tenantName = "";

    /// <summary>Rows put in quarantine by the last call.</summary>
    public int Quarantined { get; private set; }

    /// <summary>Origins and series that the record carries; to be passed to <see cref="KnownIdentities.Written"/> when it is durable.</summary>
    public ReadOnlySpan<ulong> Written => _written.Span;

    public void Encode(SpoolRecord record, SpanBatch batch, IngestRequest request)
    {
        uint received = Begin(record, request);
        WriteOrigins(record, batch.Text, batch.Resources, batch.Scopes, received);
        var window = TimeWindow.Around(request.ReceivedUnixNano, options);
        _rows.Part(batch.StartUnixNano.Span, window);
        Quarantined = _rows.Outside.Length;
        if (_rows.Inside.Length > 0)
        {
            _spans.Write(record.BeginSection((byte)StoredTable.Spans), _tenant, batch, _origins, _rows.Inside, received);
            record.EndSection(_rows.Inside.Length);
            WriteEdges(record, batch);
            _index.Clear();
            foreach (int row in _rows.Inside) _index.Add(batch.TraceId[row], batch.StartUnixNano[row]);
            WriteIndex(record, IndexedSignal.Spans);
            for (int i = 0; i < _index.Rows; i++) recent.Note(_tenantName, _index[i].Id, _index[i].First, _index[i].Last);
            _occurrences.Write(record, _tenantName, _tenant, batch, _origins, _rows.Inside, window, received, _written);
        }
        if (_rows.Outside.Length > 0)
        {
            _spans.Write(record.BeginSection((byte)StoredTable.SpansQuarantine), _tenant, batch, _origins, _rows.Outside, received);
            record.EndSection(_rows.Outside.Length);
        }
        WriteFindings(record, request, received);
        record.Complete();
    }

    public void Encode(SpoolRecord record, LogBatch batch, IngestRequest request)
    {
        uint received = Begin(record, request);
        WriteOrigins(record, batch.Text, batch.Resources, batch.Scopes, received);
        ulong receivedNano = (ulong)request.ReceivedUnixNano;
        _logTimes.Clear();
        for (int row = 0; row < batch.Count; row++) _logTimes.Add(LogBlocks.TimeOf(batch, row, receivedNano));
        _rows.Part(_logTimes.Span, TimeWindow.Around(request.ReceivedUnixNano, options));
        Quarantined = _rows.Outside.Length;
        if (_rows.Inside.Length > 0)
        {
            _logs.Write(record.BeginSection((byte)StoredTable.Logs), _tenant, batch, _origins, _rows.Inside, receivedNano);
            record.EndSection(_rows.Inside.Length);
            _index.Clear();
            foreach (int row in _rows.Inside) _index.Add(batch.TraceId[row], _logTimes[row]);
            WriteIndex(record, IndexedSignal.Logs);
            _occurrences.Write(record, _tenantName, _tenant, batch, _origins, _rows.Inside, _logTimes.Span, received, _written);
        }
        if (_rows.Outside.Length > 0)
        {
            _logs.Write(record.BeginSection((byte)StoredTable.LogsQuarantine), _tenant, batch, _origins, _rows.Outside, receivedNano);
            record.EndSection(_rows.Outside.Length);
        }
        WriteFindings(record, request, received);
        record.Complete();
    }

    public void Encode(SpoolRecord record, MetricBatch batch, IngestRequest request)
    {
        uint received = Begin(record, request);
        WriteOrigins(record, batch.Text, batch.Resources, batch.Scopes, received);
        _metrics.Identify(batch, _origins);
        WriteSeries(record, batch, received);

        var window = TimeWindow.Around(request.ReceivedUnixNano, options);
        _rows.Part(batch.Numbers.Point.TimeUnixNano.Span, window);
        _histograms.Part(batch.Histograms.Point.TimeUnixNano.Span, window);
        _exponentials.Part(batch.Exponentials.Point.TimeUnixNano.Span, window);
        _summaries.Part(batch.Summaries.Point.TimeUnixNano.Span, window);
        WriteNumbers(record, StoredTable.MetricPoints, batch, _rows.Inside, received);
        WriteNumbers(record, StoredTable.MetricPointsQuarantine, batch, _rows.Outside, received);
        WriteDistributions(record, StoredTable.MetricDistributions, batch, new(_histograms.Inside, _exponentials.Inside, _summaries.Inside), received);
        WriteDistributions(record, StoredTable.MetricDistributionsQuarantine, batch, new(_histograms.Outside, _exponentials.Outside, _summaries.Outside), received);
        Quarantined = _rows.Outside.Length + _histograms.Outside.Length + _exponentials.Outside.Length + _summaries.Outside.Length;
        WriteExemplars(record, StoredTable.MetricExemplars, batch, _rows.Inside, new(_histograms.Inside, _exponentials.Inside, _summaries.Inside), received);
        WriteExemplars(record, StoredTable.MetricExemplarsQuarantine, batch, _rows.Outside, new(_histograms.Outside, _exponentials.Outside, _summaries.Outside), received);
        WriteFindings(record, request, received);
        record.Complete();
    }

    private uint Begin(SpoolRecord record, IngestRequest request)
    {
        if (_tenantName != request.Tenant) (_tenantName, _tenant) = (request.Tenant, Encoding.UTF8.GetBytes(request.Tenant));
        record.Begin(request.Hash, request.ReceivedUnixNano);
        _written.Clear();
        Quarantined = 0;
        return (uint)(request.ReceivedUnixNano / 1_000_000_000);
    }

    private void WriteOrigins(SpoolRecord record, TextArena text, ResourceColumns resources, ScopeColumns scopes, uint received)
    {
        _origins.Identify(text, resources, scopes);
        FindNews(_origins.ResourceId, _newResources, received);
        FindNews(_origins.ScopeId, _newScopes, received);
        if (_newResources.Count > 0)
        {
            OriginBlocks.WriteResources(record.BeginSection((byte)StoredTable.Resources), _tenant, text, resources, _origins, _newResources.Span, received);
            record.EndSection(_newResources.Count);
        }
        if (_newScopes.Count > 0)
        {
            OriginBlocks.WriteScopes(record.BeginSection((byte)StoredTable.Scopes), _tenant, text, scopes, _origins, _newScopes.Span, received);
            record.EndSection(_newScopes.Count);
        }
    }

    private void FindNews(ReadOnlySpan<ulong> ids, Column<int> news, uint received)
    {
        news.Clear();
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[..i].Contains(ids[i]) || !known.IsNews(_tenantName, ids[i], received)) continue;
            news.Add(i);
            _written.Add(ids[i]);
        }
    }

    private void WriteFindings(SpoolRecord record, IngestRequest request, uint received)
    {
        if (request.Findings is not { Kinds: > 0 } findings) return;
        _findings.Write(record.BeginSection((byte)StoredTable.RedactionFindings), _tenant, findings, (ulong)request.Hash, received);
        record.EndSection(findings.Kinds);
    }

    private void WriteEdges(SpoolRecord record, SpanBatch batch)
    {
        if (_spans.Aliases.Rows > 0)
        {
            _spans.Aliases.Write(record.BeginSection((byte)StoredTable.TraceAliases), _tenant);
            record.EndSection(_spans.Aliases.Rows);
        }
        _links.Collect(batch, _rows.Inside);
        if (_links.Rows == 0) return;
        _links.Write(record.BeginSection((byte)StoredTable.TraceLinks), _tenant);
        record.EndSection(_links.Rows);
    }

    private void WriteIndex(SpoolRecord record, IndexedSignal signal)
    {
        if (_index.Rows == 0) return;
        _index.Write(record.BeginSection((byte)StoredTable.TraceIndex), _tenant, signal);
        record.EndSection(_index.Rows);
    }

    private void WriteSeries(SpoolRecord record, MetricBatch batch, uint received)
    {
        _newSeries.Clear();
        foreach (SeriesRow row in _metrics.Series.Distinct)
        {
            if (!known.IsNews(_tenantName, row.Id, received)) continue;
            _newSeries.Add(row);
            _written.Add(row.Id);
        }
        if (_newSeries.Count == 0) return;
        SeriesColumns.Write(record.BeginSection((byte)StoredTable.MetricSeries), _tenant, batch, _origins, _newSeries.Span, received);
        record.EndSection(_newSeries.Count);
    }

    private void WriteNumbers(SpoolRecord record, StoredTable table, MetricBatch batch, ReadOnlySpan<int> rows, uint received)
    {
        if (rows.IsEmpty) return;
        _metrics.WriteNumbers(record.BeginSection((byte)table), _tenant, batch, rows, received);
        record.EndSection(rows.Length);
    }

    private void WriteDistributions(SpoolRecord record, StoredTable table, MetricBatch batch, DistributionRows rows, uint received)
    {
        if (rows.Count == 0) return;
        _distributions.Write(record.BeginSection((byte)table), _tenant, batch, _metrics.Series, rows, received);
        record.EndSection(rows.Count);
    }

    /// <summary>Exemplars go where their points went.</summary>
    private void WriteExemplars(SpoolRecord record, StoredTable table, MetricBatch batch, ReadOnlySpan<int> numbers, DistributionRows distributions, uint received)
    {
        _exemplars.Clear();
        foreach (int row in numbers) _exemplars.Add(batch, batch.Numbers.Point, row, _metrics.Series.Numbers[row], batch.Numbers.Exemplars, batch.Numbers.ExemplarsOf(row));
        foreach (int row in distributions.Histograms) _exemplars.Add(batch, batch.Histograms.Point, row, _metrics.Series.Histograms[row], batch.Histograms.Exemplars, batch.Histograms.ExemplarsOf(row));
        foreach (int row in distributions.Exponentials) _exemplars.Add(batch, batch.Exponentials.Point, row, _metrics.Series.Exponentials[row], batch.Exponentials.Exemplars, batch.Exponentials.ExemplarsOf(row));
        if (_exemplars.Rows == 0) return;
        _exemplars.Write(record.BeginSection((byte)table), _tenant, received);
        record.EndSection(_exemplars.Rows);
    }
}
