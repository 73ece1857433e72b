using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace Waybill.Overload;

/// <summary>The SDK's own OTLP exporter, with a note of which spans it got acknowledged.</summary>
internal sealed class WatchedExporter(OtlpTraceExporter exporter, Answers answers, SdkOutcomes outcomes) : BaseExporter<Activity>
{
    public long Refused { get; private set; }

    public override ExportResult Export(in Batch<Activity> batch)
    {
        var spans = new Activity[batch.Count];
        int count = 0;
        foreach (var span in batch) spans[count++] = span;   // reading a batch empties it
        answers.Forget();
        var result = exporter.Export(new Batch<Activity>(spans, count));
        foreach (var span in spans.AsSpan(0, count))
        {
            int trace = (int)span.GetTagItem(SdkTraces.NumberTag)!;
            if (result == ExportResult.Success && !answers.Partial) outcomes.Acknowledge(trace);
            else if (answers.Unanswered || answers.Partial) outcomes.Doubt(trace);
            else Refused++;
        }
        return result;
    }

    protected override bool OnShutdown(int timeoutMilliseconds) => exporter.Shutdown(timeoutMilliseconds);

    protected override void Dispose(bool disposing)
    {
        if (disposing) exporter.Dispose();
        base.Dispose(disposing);
    }
}
