namespace Waybill.Payloads;

/// <summary>All that is needed to write any request of a run again, byte for byte: who sent what is known without keeping it.</summary>
/// <param name="Seed">Other seeds give other ids.</param>
/// <param name="Templates">How many different requests there are before shapes repeat (ids, times, users and orders never do).</param>
/// <param name="SpansPerRequest">As an OpenTelemetry collector's batch; 500 in all published figures.</param>
/// <param name="StartUnixNano">When the traces of request 0 start.</param>
/// <param name="StepNano">How much later those of each next request start; traces of one request lie up to 2 s apart.</param>
internal sealed record PayloadPlan(ulong Seed, int Templates, int SpansPerRequest, long StartUnixNano, long StepNano)
{
    /// <summary>Requests whose traces cover the last <paramref name="window"/> before <paramref name="end"/> in the order they are sent.</summary>
    public static PayloadPlan Over(TimeSpan window, DateTimeOffset end, long requests, ulong seed, int templates, int spansPerRequest)
    {
        long windowNano = window.Ticks * 100, endNano = (end - DateTimeOffset.UnixEpoch).Ticks * 100;
        return new(seed, templates, spansPerRequest, endNano - windowNano, windowNano / Math.Max(1, requests));
    }
}

/// <param name="Id">32 lower-case hex digits.</param>
/// <param name="FirstSpan">Number of its first span in the request.</param>
internal sealed record SentTrace(string Id, long Request, int FirstSpan, int SpanCount);
