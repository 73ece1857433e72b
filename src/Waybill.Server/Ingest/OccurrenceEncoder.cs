using Waybill.Batches;
using Waybill.Exceptions;
using Waybill.Flags;
using Waybill.Logs;
using Waybill.Origins;
using Waybill.Schema;
using Waybill.Spans;
using Waybill.Spool;

namespace Waybill.Ingest;

/// <summary>
/// Finds the exceptions and flag evaluations of a request, in span events and log records, and writes them to tables of their own: to search the
/// spans for them takes seconds, to find them here a few nanoseconds a span.
/// </summary>
internal sealed class OccurrenceEncoder(KnownStacks stacks, KnownIdentities known)
{
    private const byte OfSpan = 1, OfLog = 2;

    private readonly ExceptionBlocks _exceptions = new(stacks);
    private readonly FlagBlocks _flags = new();

    /// <param name="written">Groups written are added, to be passed to <see cref="KnownIdentities.Written"/> when the record is durable.</param>
    public void Write(SpoolRecord record, string tenantName, byte[] tenant, SpanBatch batch, OriginIdentities origins, ReadOnlySpan<int> rows, TimeWindow window, uint received, Column<ulong> written)
    {
        Begin();
        TextArena text = batch.Text;
        foreach (int row in rows)
        {
            var (from, to) = (batch.EventsOf(row).Start.Value, batch.EventsOf(row).End.Value);
            for (int i = from; i < to; i++)
            {
                ReadOnlySpan<byte> name = text[batch.Events.Name[i]];
                bool isException = name.SequenceEqual("exception"u8);
                if (!isException && !name.StartsWith("feature_flag"u8)) continue;
                ulong time = window.Contains(batch.Events.TimeUnixNano[i]) ? batch.Events.TimeUnixNano[i] : batch.StartUnixNano[row];
                var place = new OccurrencePlace(text, time, origins.ServiceOf(text, batch.Resource[row]), text[batch.Name[row]], OfSpan, batch.TraceId[row], batch.SpanId[row],
                    origins.ResourceId[batch.Resource[row]], SamplingWeight.Of(text[batch.TraceState[row]]));
                if (isException) _exceptions.Add(tenant, place, batch.Events.Attributes, batch.Events.AttributesOf(i), received, group => IsNews(tenantName, group, received, written));
                else _flags.Add(tenant, place, batch.Events.Attributes, batch.Events.AttributesOf(i), received);
            }
        }
        End(record);
    }

    /// <inheritdoc cref="Write(SpoolRecord, string, byte[], SpanBatch, OriginIdentities, ReadOnlySpan{int}, TimeWindow, uint, Column{ulong})"/>
    public void Write(SpoolRecord record, string tenantName, byte[] tenant, LogBatch batch, OriginIdentities origins, ReadOnlySpan<int> rows, ReadOnlySpan<ulong> times, uint received, Column<ulong> written)
    {
        Begin();
        TextArena text = batch.Text;
        foreach (int row in rows)
        {
            Range attributes = batch.AttributesOf(row);
            var (isException, isFlag) = Kind(text, batch.Attributes, attributes);
            if (!isException && !isFlag) continue;
            var place = new OccurrencePlace(text, times[row], origins.ServiceOf(text, batch.Resource[row]), text[batch.EventName[row]], OfLog, batch.TraceId[row], batch.SpanId[row],
                origins.ResourceId[batch.Resource[row]], 1);
            if (isException) _exceptions.Add(tenant, place, batch.Attributes, attributes, received, group => IsNews(tenantName, group, received, written));
            if (isFlag) _flags.Add(tenant, place, batch.Attributes, attributes, received);
        }
        End(record);
    }

    private static (bool IsException, bool IsFlag) Kind(TextArena text, AttributeColumns attributes, Range range)
    {
        bool isException = false, isFlag = false;
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            ReadOnlySpan<byte> key = text[attributes.Key[i]];
            if (key.Length < "exception.type".Length) continue;
            if (key[0] == (byte)'e') isException |= key.SequenceEqual("exception.type"u8) || key.SequenceEqual("exception.stacktrace"u8);
            else if (key[0] == (byte)'f') isFlag |= key.SequenceEqual("feature_flag.key"u8);
        }
        return (isException, isFlag);
    }

    private bool IsNews(string tenant, ulong group, uint received, Column<ulong> written)
    {
        if (written.Span.Contains(group) || !known.IsNews(tenant, group, received)) return false;
        written.Add(group);
        return true;
    }

    private void Begin()
    {
        _exceptions.Clear();
        _flags.Clear();
    }

    private void End(SpoolRecord record)
    {
        if (_exceptions.Groups > 0)
        {
            _exceptions.WriteGroups(record.BeginSection((byte)StoredTable.ExceptionGroups));
            record.EndSection(_exceptions.Groups);
        }
        if (_exceptions.Rows > 0)
        {
            _exceptions.Write(record.BeginSection((byte)StoredTable.Exceptions));
            record.EndSection(_exceptions.Rows);
        }
        if (_flags.Rows > 0)
        {
            _flags.Write(record.BeginSection((byte)StoredTable.FlagEvaluations));
            record.EndSection(_flags.Rows);
        }
    }
}
