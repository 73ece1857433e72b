using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Origins;

namespace Waybill.Metrics;

/// <summary>A series that a batch has points of: one point stands for it.</summary>
public readonly record struct SeriesRow(ulong Id, MetricKind Kind, int Point);

/// <summary>Names the series of every point of a batch, and writes rows of <c>metric_series</c>. Reused.</summary>
public sealed class SeriesColumns
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "String"),
        Metric = BlockFormat.ColumnHeader("metric", "String"),
        Service = BlockFormat.ColumnHeader("service", "String"),
        SeriesId = BlockFormat.ColumnHeader("series_id", "UInt64"),
        Kind = BlockFormat.ColumnHeader("kind", "UInt8"),
        Unit = BlockFormat.ColumnHeader("unit", "String"),
        Description = BlockFormat.ColumnHeader("description", "String"),
        TemporalityHeader = BlockFormat.ColumnHeader("temporality", "UInt8"),
        Monotonic = BlockFormat.ColumnHeader("monotonic", "UInt8"),
        ResourceId = BlockFormat.ColumnHeader("resource_id", "UInt64"),
        ScopeId = BlockFormat.ColumnHeader("scope_id", "UInt64"),
        AttributesHeader = BlockFormat.ColumnHeader("attributes", "Map(String, String)"),
        Metadata = BlockFormat.ColumnHeader("metadata", "Map(String, String)"),
        FirstSeen = BlockFormat.ColumnHeader("first_seen", "DateTime('UTC')"),
        LastSeen = BlockFormat.ColumnHeader("last_seen", "DateTime('UTC')");

    private readonly Column<ulong> _numbers = new(), _histograms = new(), _exponentials = new(), _summaries = new();
    private readonly HashSet<ulong> _seen = [];
    private readonly Column<SeriesRow> _distinct = new();

    /// <summary>Series of <see cref="MetricBatch.Numbers"/>, point by point; the others likewise.</summary>
    public ReadOnlySpan<ulong> Numbers => _numbers.Span;
    public ReadOnlySpan<ulong> Histograms => _histograms.Span;
    public ReadOnlySpan<ulong> Exponentials => _exponentials.Span;
    public ReadOnlySpan<ulong> Summaries => _summaries.Span;

    /// <summary>Each series of the batch once.</summary>
    public ReadOnlySpan<SeriesRow> Distinct => _distinct.Span;

    public void Identify(MetricBatch batch, OriginIdentities origins)
    {
        _seen.Clear();
        _distinct.Clear();
        Identify(batch, origins, batch.Numbers.Point, _numbers);
        Identify(batch, origins, batch.Histograms.Point, _histograms);
        Identify(batch, origins, batch.Exponentials.Point, _exponentials);
        Identify(batch, origins, batch.Summaries.Point, _summaries);
    }

    private void Identify(MetricBatch batch, OriginIdentities origins, PointColumns points, Column<ulong> ids)
    {
        ids.Clear();
        for (int point = 0; point < points.Count; point++)
        {
            int metric = points.Metric[point];
            ulong id = origins.IdentifySeries(batch.Text, batch.Name[metric], batch.Unit[metric], (byte)batch.Kind[metric], (byte)batch.Temporality[metric],
                batch.IsMonotonic[metric], origins.ResourceId[batch.Resource[metric]], origins.ScopeId[batch.Scope[metric]], points.Attributes, points.AttributesOf(point));
            ids.Add(id);
            if (_seen.Add(id)) _distinct.Add(new SeriesRow(id, batch.Kind[metric], point));
        }
    }

    /// <summary>Writes a block for <c>metric_series</c>.</summary>
    public static void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, MetricBatch batch, OriginIdentities origins, ReadOnlySpan<SeriesRow> rows, uint receivedUnixSeconds)
    {
        TextArena text = batch.Text;
        int[] metric = new int[rows.Length];   // rare: a new series, about once an hour
        for (int i = 0; i < rows.Length; i++) metric[i] = PointsOf(batch, rows[i].Kind).Metric[rows[i].Point];

        to.WriteBlockHeader(15, rows.Length);
        to.Write(Tenant);
        foreach (int _ in metric) to.WriteText(tenant);
        to.Write(Metric);
        foreach (int m in metric) to.WriteText(text[batch.Name[m]]);
        to.Write(Service);
        foreach (int m in metric) to.WriteText(origins.ServiceOf(text, batch.Resource[m]));
        to.Write(SeriesId);
        foreach (SeriesRow row in rows) to.WriteUInt64(row.Id);
        to.Write(Kind);
        foreach (SeriesRow row in rows) to.WriteByte((byte)row.Kind);
        to.Write(Unit);
        foreach (int m in metric) to.WriteText(text[batch.Unit[m]]);
        to.Write(Description);
        foreach (int m in metric) to.WriteText(text[batch.Description[m]]);
        to.Write(TemporalityHeader);
        foreach (int m in metric) to.WriteByte((byte)batch.Temporality[m]);
        to.Write(Monotonic);
        foreach (int m in metric) to.WriteByte(batch.IsMonotonic[m] ? (byte)1 : (byte)0);
        to.Write(ResourceId);
        foreach (int m in metric) to.WriteUInt64(origins.ResourceId[batch.Resource[m]]);
        to.Write(ScopeId);
        foreach (int m in metric) to.WriteUInt64(origins.ScopeId[batch.Scope[m]]);
        to.Write(AttributesHeader);
        WriteAttributes(to, batch, rows);
        to.Write(Metadata);
        Range[] metadata = new Range[metric.Length];
        for (int i = 0; i < metric.Length; i++) metadata[i] = batch.MetadataOf(metric[i]);
        AttributeMap.WritePlain(to, text, batch.Metadata, metadata);
        to.Write(FirstSeen);
        foreach (int _ in metric) to.WriteValues<uint>([receivedUnixSeconds]);
        to.Write(LastSeen);
        foreach (int _ in metric) to.WriteValues<uint>([receivedUnixSeconds]);
    }

    // The points of each kind keep their attributes apart, so the map is put together from pieces.
    private static void WriteAttributes(ByteBuffer to, MetricBatch batch, ReadOnlySpan<SeriesRow> rows)
    {
        ulong end = 0;
        foreach (SeriesRow row in rows)
        {
            Range range = PointsOf(batch, row.Kind).AttributesOf(row.Point);
            to.WriteUInt64(end += (ulong)(range.End.Value - range.Start.Value));
        }
        foreach (SeriesRow row in rows)
        {
            PointColumns points = PointsOf(batch, row.Kind);
            AttributeMap.WriteKeys(to, batch.Text, points.Attributes, points.AttributesOf(row.Point));
        }
        foreach (SeriesRow row in rows)
        {
            PointColumns points = PointsOf(batch, row.Kind);
            AttributeMap.WriteValues(to, batch.Text, points.Attributes, points.AttributesOf(row.Point));
        }
    }

    private static PointColumns PointsOf(MetricBatch batch, MetricKind kind) => kind switch
    {
        MetricKind.Histogram => batch.Histograms.Point,
        MetricKind.ExponentialHistogram => batch.Exponentials.Point,
        MetricKind.Summary => batch.Summaries.Point,
        _ => batch.Numbers.Point,
    };
}
