using System.Text;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Logs;

namespace Waybill.Audit;

/// <summary>
/// Log records that are audit events: those with the attribute <c>audit.action</c>. They are stored as logs like any other, and are entries of the ledger
/// before their request is acknowledged. A request that is sent again after a crash may make its entries twice, never not at all.
/// </summary>
public sealed class AuditLogs(LedgerLoop ledger)
{
    /// <summary>Completes when the audit events of a batch, already redacted, are durable.</summary>
    /// <exception cref="LedgerUnavailableException">They are not, and the request must not be acknowledged.</exception>
    internal Task Record(LogBatch batch, IngestRequest request)
    {
        List<Task>? writing = null;
        for (int record = 0; record < batch.Count; record++)
        {
            if (Find(batch, record, "audit.action"u8) is not { Length: > 0 } action) continue;
            (writing ??= []).Add(ledger.Record(EntryOf(batch, record, action, request), CancellationToken.None, Find(batch, record, "audit.about"u8)));
        }
        return writing is null ? Task.CompletedTask : Task.WhenAll(writing);
    }

    private static LedgerEntry EntryOf(LogBatch batch, int record, string action, IngestRequest request)
    {
        string actor = Find(batch, record, "audit.actor"u8) ?? Find(batch, record, "user.id"u8) ?? Find(batch, record, "enduser.id"u8) ?? "unknown";
        string outcome = Find(batch, record, "audit.outcome"u8) switch { "failed" or "failure" => "failed", "refused" or "denied" => "refused", _ => "done" };
        TraceId trace = batch.TraceId[record];
        ulong time = batch.TimeUnixNano[record] is var happened and > 0 ? happened : batch.ObservedUnixNano[record];
        string service = Find(batch.Text, batch.Resources.Attributes, batch.Resources.AttributesOf(batch.Resource[record]), "service.name"u8) ?? "unknown_service";
        AnyValue body = batch.Body[record];
        return new LedgerEntry(
            time is > 0 and <= long.MaxValue ? (long)time : request.ReceivedUnixNano, request.Tenant,
            new Actor(EntryRedaction.External, actor, Find(batch, record, "client.address"u8), Find(batch, record, "session.id"u8)), action, Find(batch, record, "audit.resource"u8) ?? service, outcome,
            trace == default ? null : trace.ToString(),
            JsonSerializer.SerializeToElement(new { service, message = body.HasText ? Encoding.UTF8.GetString(batch.Text[body.Text]) : null }, LedgerEntry.Form));
    }

    private static string? Find(LogBatch batch, int record, ReadOnlySpan<byte> key) => Find(batch.Text, batch.Attributes, batch.AttributesOf(record), key);

    /// <summary>The text of an attribute; null when there is none of that name.</summary>
    private static string? Find(TextArena text, AttributeColumns attributes, Range range, ReadOnlySpan<byte> key)
    {
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            Text name = attributes.Key[i];   // dropped by redaction: an offset below 0
            if (name.Length == key.Length && name.Offset >= 0 && attributes.Value[i].Type == Batches.ValueType.String && text[name].SequenceEqual(key)) return Encoding.UTF8.GetString(text[attributes.Value[i].Text]);
        }
        return null;
    }
}
