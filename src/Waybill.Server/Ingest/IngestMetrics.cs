using Waybill.Batches;
using Waybill.Web;

namespace Waybill.Ingest;

/// <summary>Ingest's part of the page that Prometheus reads.</summary>
internal sealed class IngestMetrics(IngestCounters counters, Admission admission, RecentRequests recent, Senders senders)
{
    public void Write(PrometheusText text)
    {
        text.Counter("waybill_ingest_requests_total", "Requests taken: all their accepted items are durable.");
        PerSignal(counters.Requests);
        text.Counter("waybill_ingest_items_total", "Spans, log records and data points accepted.");
        PerSignal(counters.Items);
        text.Counter("waybill_ingest_bytes_total", "Bytes of the requests taken, after decompression.");
        PerSignal(counters.Bytes);

        text.Counter("waybill_ingest_rejected_total", "Items rejected from requests that were taken.");
        foreach (var signal in Names.Signals)
            foreach (var reason in Enum.GetValues<Rejection>())
                text.Sample(counters.Rejected(signal, reason), ("signal", signal.Name()), ("reason", Remarks.Label(reason)));

        text.Counter("waybill_ingest_changed_total", "What was cut, left out or repaired in items that were kept.");
        for (int i = 0; i < IngestCounters.Changes.Length; i++) text.Sample(counters.Changed(i), ("change", IngestCounters.Changes[i].Name));

        text.Counter("waybill_ingest_refused_total", "Whole requests refused.");
        foreach (var protocol in Names.Protocols)
            foreach (var reason in Enum.GetValues<RefusalReason>())
                text.Sample(counters.Refused(protocol, reason), ("protocol", protocol.Name()), ("reason", Refusal.Labels[(int)reason]));

        text.Counter("waybill_ingest_duplicate_requests_total", "Requests acknowledged again without being stored again.").Sample(counters.DuplicateRequests);
        text.Gauge("waybill_ingest_inflight_requests", "Requests being worked on.").Sample(admission.Requests);
        text.Gauge("waybill_ingest_inflight_bytes", "Bytes of the requests being worked on.").Sample(admission.Bytes);
        text.Gauge("waybill_ingest_recent_requests", "Requests remembered, to know their retries.").Sample(recent.Count);
        text.Gauge("waybill_ingest_senders", "Senders listed.").Sample(senders.Count);
        AnswerTimes(text);

        void PerSignal(Func<Signal, Protocol, long> read)
        {
            foreach (var signal in Names.Signals)
                foreach (var protocol in Names.Protocols)
                    if (signal == Signal.Traces || protocol < Protocol.ZipkinProtobuf)
                        text.Sample(read(signal, protocol), ("signal", signal.Name()), ("protocol", protocol.Name()));
        }
    }

    private void AnswerTimes(PrometheusText text)
    {
        text.Histogram("waybill_ingest_request_seconds", "Time from a request's headers to its answer, durable or refused.");
        foreach (var protocol in Names.Protocols)
        {
            long count = 0;
            for (int i = 0; i <= IngestCounters.SecondsBounds.Length; i++)
            {
                count += counters.Took(protocol, i);
                string bound = i < IngestCounters.SecondsBounds.Length ? IngestCounters.SecondsBounds[i].ToString("R") : "+Inf";
                text.Sample("_bucket", count, ("protocol", protocol.Name()), ("le", bound));
            }
            text.Sample("_sum", counters.TookSeconds(protocol), ("protocol", protocol.Name()));
            text.Sample("_count", count, ("protocol", protocol.Name()));
        }
    }
}
