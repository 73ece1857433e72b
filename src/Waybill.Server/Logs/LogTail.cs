using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Waybill.Access;
using Waybill.Engine;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Logs;

/// <summary>
/// Follows the log records that arrive, as server-sent events. The store is asked once a second for what arrived since, with a few seconds
/// of overlap, because segments are stored in order and their seconds are not; what was sent already is left out.
/// </summary>
internal sealed class LogTail(LogTable logs, OriginTable origins, Gate gate, TimeProvider clock)
{
    private const int TailsMax = 50, LinesPerPollMax = 1_000, OverlapSeconds = 5, BacklogSeconds = 10;
    private const long Second = 1_000_000_000;
    /// <summary>Records are looked for by when they happened; older ones than this on arrival are not followed.</summary>
    private const long LateSecondsMax = 600;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), Heartbeat = TimeSpan.FromSeconds(10);

    private static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _open;

    /// <summary>Writes events until the reader goes away.</summary>
    /// <param name="lastEventId">What the reader saw last: <c>received-id</c>; null for a new one.</param>
    /// <returns>False when as many tails are open as may be.</returns>
    public async Task<bool> Follow(HttpContext http, LogSelection selection, string? lastEventId)
    {
        if (Interlocked.Increment(ref _open) > TailsMax)
        {
            Interlocked.Decrement(ref _open);
            return false;
        }
        try
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            await http.Response.WriteAsync(": following\n\n", http.RequestAborted);
            await Follow(http, selection, new Seen(ReceivedOf(lastEventId) ?? clock.GetUtcNow().ToUnixTimeSeconds() - BacklogSeconds), http.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
        return true;
    }

    private async Task Follow(HttpContext http, LogSelection selection, Seen seen, CancellationToken cancel)
    {
        HttpResponse response = http.Response;
        using var timer = new PeriodicTimer(Poll, clock);
        long written = clock.GetTimestamp();
        do
        {
            if (await gate.StillAdmits(http) is { } why)
            {
                await response.WriteAsync($"event: ended\ndata: {JsonSerializer.Serialize(new { message = why }, Plain)}\n\n", cancel);
                return;
            }
            gate.Limit(http);
            List<LogRow> rows = [];
            bool more = false;
            try
            {
                // More than can be shown are asked for, so that rows of the overlap do not hide new ones.
                var range = new TimeRange((seen.Received - LateSecondsMax) * Second, (clock.GetUtcNow().ToUnixTimeSeconds() + 3_600) * Second);
                rows = await logs.ReadArrived(selection, range, seen.Received - OverlapSeconds, LinesPerPollMax + seen.Count + 1, cancel);
                more = rows.Count > LinesPerPollMax + seen.Count;
                rows.RemoveAll(row => !seen.IsNew(row.Block["received"].GetInt64(row.Row), row.Id));
            }
            catch (EngineException e) when (e.IsRetryable)
            {
                await response.WriteAsync($": the engine does not answer ({e.Name}), asking again\n\n", cancel);
            }
            int skipped = Math.Max(0, rows.Count - LinesPerPollMax);
            if (skipped > 0 || more)
                await response.WriteAsync($$"""event: skipped{{"\n"}}data: {"count":{{Math.Max(1, skipped)}},"message":"More lines match than a tail shows ({{LinesPerPollMax}} a second). Narrow it, or read them with /api/logs."}{{"\n\n"}}""", cancel);
            if (rows.Count > 0) await WriteLines(response, selection.Tenant, rows.Skip(skipped), cancel);
            if (rows.Count > 0) written = clock.GetTimestamp();
            else if (clock.GetElapsedTime(written) > Heartbeat)
            {
                await response.WriteAsync(": still here\n\n", cancel);
                written = clock.GetTimestamp();
            }
            await response.Body.FlushAsync(cancel);
            if (more) seen.SkipTo(clock.GetUtcNow().ToUnixTimeSeconds() - 1);
        }
        while (await timer.WaitForNextTickAsync(cancel));
    }

    private async Task WriteLines(HttpResponse response, string tenant, IEnumerable<LogRow> rows, CancellationToken cancel)
    {
        var resources = await origins.Resources(tenant, rows.Select(row => row.Resource).Distinct(), cancel);
        var data = new ArrayBufferWriter<byte>();
        foreach (LogRow row in rows)
        {
            data.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: log\nid: {row.Block["received"].GetInt64(row.Row)}-{row.Id}\ndata: ")));
            using (var json = new Utf8JsonWriter(data, StoredAttributes.Relaxed))
            {
                json.WriteStartObject();
                LogListingJson.WriteLine(json, row);
                json.WritePropertyName("resourceAttributes"u8);
                if (resources.TryGetValue(row.Resource, out Origin? origin)) json.WriteRawValue(origin.AttributesJson, skipInputValidation: true);
                else json.WriteRawValue("{}"u8);
                json.WriteEndObject();
            }
            data.Write("\n\n"u8);
        }
        await response.Body.WriteAsync(data.WrittenMemory, cancel);
    }

    private static long? ReceivedOf(string? eventId) =>
        eventId?.Split('-') is [var received, ..] && long.TryParse(received, NumberStyles.None, CultureInfo.InvariantCulture, out long second) ? second : null;

    /// <summary>What was sent of the latest seconds.</summary>
    private sealed class Seen(long received)
    {
        private readonly Dictionary<LogId, long> _ids = [];

        /// <summary>The latest second of arrival that was seen.</summary>
        public long Received { get; private set; } = received;

        public int Count => _ids.Count;

        public bool IsNew(long received, LogId id)
        {
            if (!_ids.TryAdd(id, received)) return false;
            if (received > Received) SkipTo(received);
            return true;
        }

        public void SkipTo(long received)
        {
            Received = Math.Max(Received, received);
            foreach (LogId old in _ids.Where(seen => seen.Value < Received - OverlapSeconds).Select(seen => seen.Key).ToArray()) _ids.Remove(old);
        }
    }
}
