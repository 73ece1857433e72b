using System.Buffers.Binary;
using System.Text;
using Waybill.Blocks;

namespace Waybill.Changes;

/// <summary>Turns reports into a Native block for <c>changes</c>. Rare and small, so it is simple rather than fast.</summary>
public static class ChangeBlocks
{
    /// <summary>The columns that are text, and what they are filled from; the reader puts reports together column by column.</summary>
    public static readonly IReadOnlyList<(string Column, Func<ChangeReport, string> Value)> Texts =
    [
        ("kind", report => report.Kind), ("type", report => report.Type), ("source", report => report.Source), ("report_key", report => report.Key),
        ("summary", report => report.Summary), ("service", report => report.Service), ("namespace", report => report.Namespace), ("instance", report => report.Instance),
        ("zone", report => report.Zone), ("subject", report => report.Subject), ("environment", report => report.Environment), ("version", report => report.Version),
        ("previous_version", report => report.PreviousVersion), ("commit", report => report.Commit), ("previous_commit", report => report.PreviousCommit),
        ("repository", report => report.Repository), ("artifact", report => report.Artifact), ("pipeline", report => report.Pipeline),
        ("pipeline_run", report => report.PipelineRun), ("pipeline_url", report => report.PipelineUrl), ("author", report => report.Author),
        ("outcome", report => report.Outcome), ("before", report => report.Before), ("after", report => report.After), ("links", report => report.Links),
        ("evidence", report => report.Evidence), ("trace_id", report => report.TraceId),
    ];

    private const int OtherColumns = 7;

    public static void Write(ByteBuffer to, string tenant, IReadOnlyList<ChangeReport> reports, long receivedUnixNano)
    {
        to.WriteBlockHeader(Texts.Count + OtherColumns, reports.Count);
        Strings(to, "tenant", reports, _ => tenant);
        to.Write(BlockFormat.ColumnHeader("id", "FixedString(16)"));
        foreach (ChangeReport report in reports) BinaryPrimitives.WriteUInt128BigEndian(to.Take(16), report.Id);
        Times(to, "reported", reports, report => report.ReportedUnixNano);
        to.Write(BlockFormat.ColumnHeader("received", "DateTime('UTC')"));
        foreach (ChangeReport _ in reports) to.WriteValues<uint>([(uint)(receivedUnixNano / 1_000_000_000)]);
        Times(to, "started", reports, report => report.StartedUnixNano);
        Times(to, "finished", reports, report => report.FinishedUnixNano);
        foreach (var (column, value) in Texts) Strings(to, column, reports, value);
        Attributes(to, reports);
    }

    private static void Strings(ByteBuffer to, string column, IReadOnlyList<ChangeReport> reports, Func<ChangeReport, string> value)
    {
        to.Write(BlockFormat.ColumnHeader(column, "String"));
        foreach (ChangeReport report in reports) to.WriteText(Encoding.UTF8.GetBytes(value(report)));
    }

    private static void Times(ByteBuffer to, string column, IReadOnlyList<ChangeReport> reports, Func<ChangeReport, long> unixNano)
    {
        to.Write(BlockFormat.ColumnHeader(column, "DateTime64(9, 'UTC')"));
        foreach (ChangeReport report in reports) to.WriteUInt64((ulong)unixNano(report));
    }

    private static void Attributes(ByteBuffer to, IReadOnlyList<ChangeReport> reports)
    {
        to.Write(BlockFormat.ColumnHeader("attributes", "Map(String, String)"));
        ulong end = 0;
        foreach (ChangeReport report in reports) to.WriteUInt64(end += (ulong)report.Attributes.Count);
        foreach (ChangeReport report in reports)
            foreach (string key in report.Attributes.Keys) to.WriteText(Encoding.UTF8.GetBytes(key));
        foreach (ChangeReport report in reports)
            foreach (string value in report.Attributes.Values) to.WriteText(Encoding.UTF8.GetBytes(value));
    }
}
