using Waybill.Ingest;

namespace Waybill.Redaction;

/// <summary>Redaction's place on the way of a request: behind decoding, before anything of it is encoded, listed or told.</summary>
public sealed class IngestRedaction(Redactor redactor, RedactionTally tally, RedactionOptions options)
{
    /// <summary>Redacts what was decoded and counts what was found in <see cref="Reception.Findings"/>.</summary>
    internal void Redact(Reception reception)
    {
        if (!options.Enabled || reception.Items == 0) return;
        switch (reception.Signal)
        {
            case Signal.Traces: redactor.Redact(reception.Spans, reception.Findings); break;
            case Signal.Logs: redactor.Redact(reception.Logs, reception.Findings); break;
            default: redactor.Redact(reception.Metrics, reception.Findings); break;
        }
    }

    /// <summary>A text about a request, such as an error's path or the sender's name, that may hold something of the sender's.</summary>
    internal string? Redact(string? text) => text is null || !options.Enabled ? text : redactor.Redact(text, new TextContext(RedactedSignal.Logs));

    /// <summary>Counts what was found, once the request is stored.</summary>
    internal void Stored(Reception reception)
    {
        if (reception.Findings.Total > 0) tally.Add(reception.Findings);
    }
}
