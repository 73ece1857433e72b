using System.Buffers.Binary;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Otlp;
using Waybill.Spans;

namespace Waybill.Zipkin;

/// <summary>Turns Zipkin v2 spans into rows: localEndpoint.serviceName becomes the resource's service.name, tags attributes, annotations events.</summary>
internal static class ZipkinRows
{
    /// <summary>Recent resources and scopes looked at for reuse. Senders group by service; missing a match only repeats a row.</summary>
    private const int LookBack = 16;

    public static ZipkinSpan Begin(SpanBatch batch) =>
        new() { ParentFits = true, Kind = SpanKind.Internal, AttributesFirst = batch.Attributes.Count, EventsFirst = batch.Events.Count };

    /// <summary>Adds a tag as an attribute, or takes it back into the field it was made from.</summary>
    public static void AddTag(ref DecodeState state, SpanBatch batch, ref ZipkinSpan span, Text key, Text value)
    {
        var name = state.Arena[key];
        if (name.SequenceEqual("error"u8))
        {
            span.HasError = true;
            span.ErrorMessage = value;
        }
        else if (name.SequenceEqual("otel.status_code"u8))
        {
            var code = state.Arena[value];
            span.Status = code.SequenceEqual("ERROR"u8) ? SpanStatus.Error : code.SequenceEqual("OK"u8) ? SpanStatus.Ok : SpanStatus.Unset;
        }
        else if (name.SequenceEqual("otel.scope.name"u8)) span.ScopeName = value;
        else if (name.SequenceEqual("otel.scope.version"u8)) span.ScopeVersion = value;
        else if (name.IsEmpty || batch.Attributes.Count - span.AttributesFirst >= state.AttributesMax)
        {
            state.Counts.DroppedAttributes++;
            span.DroppedAttributes++;
        }
        else batch.Attributes.Add(key, AnyValue.String(value));
    }

    public static void AddAnnotation(ref DecodeState state, SpanBatch batch, ref ZipkinSpan span, ulong timestamp, Text value)
    {
        bool full = batch.Events.Count - span.EventsFirst >= state.Limits.EventsMax;
        SpanParts.AddEvent(ref state, batch.Events, Nanoseconds(timestamp), value, batch.Events.Attributes.Count, 0, full, ref span.DroppedEvents);
    }

    /// <summary>Adds the row, or says why not.</summary>
    public static bool TryAdd(ref DecodeState state, SpanBatch batch, ref ZipkinSpan span, out Rejection reason)
    {
        if (!SpanRules.Accept(ref state, span.TraceId, span.Id, span.ParentFits, out reason)) return false;

        AddEndpoint(ref state, batch, ref span, span.Remote, "service.peer.name"u8, "network.peer.address"u8, "network.peer.port"u8);
        AddEndpoint(ref state, batch, ref span, span.Local with { ServiceName = default }, default, "network.local.address"u8, "network.local.port"u8);
        if (span.Debug && batch.Attributes.Count - span.AttributesFirst < state.AttributesMax)
            batch.Attributes.Add(state.Arena.Append("zipkin.debug"u8), AnyValue.Of(true));
        if (span.Shared && span.Kind == SpanKind.Server)
        {
            // B3 lets client and server share an id. The server's row gets one of its own, below the client's.
            span.ParentId = span.Id;
            span.Id = Derive(span.TraceId, span.Id, span.Kind);
        }

        var fields = new SpanFields
        {
            TraceId = span.TraceId,
            SpanId = span.Id,
            ParentId = span.ParentId,
            Name = span.Name,
            Kind = (byte)span.Kind,
            Start = Nanoseconds(span.Timestamp),
            End = Nanoseconds(span.Timestamp + span.Duration < span.Timestamp ? ulong.MaxValue : span.Timestamp + span.Duration),
            Status = (byte)(span.HasError ? SpanStatus.Error : span.Status),
            StatusMessage = span.ErrorMessage,
            DroppedAttributes = span.DroppedAttributes,
            DroppedEvents = span.DroppedEvents,
        };
        int resource = ResourceOf(batch, span.Local.ServiceName), scope = ScopeOf(batch, span.ScopeName, span.ScopeVersion);
        SpanRules.Add(batch, fields);
        batch.Resource[batch.Count - 1] = resource;
        batch.Scope[batch.Count - 1] = scope;
        return true;
    }

    private static void AddEndpoint(
        ref DecodeState state, SpanBatch batch, ref ZipkinSpan span, in ZipkinEndpoint endpoint, ReadOnlySpan<byte> serviceKey, ReadOnlySpan<byte> addressKey,
        ReadOnlySpan<byte> portKey)
    {
        if (!endpoint.ServiceName.IsEmpty) AddOwn(ref state, batch, ref span, serviceKey, AnyValue.String(endpoint.ServiceName));
        if (!endpoint.Address.IsEmpty) AddOwn(ref state, batch, ref span, addressKey, AnyValue.String(endpoint.Address));
        if (endpoint.Port != 0) AddOwn(ref state, batch, ref span, portKey, AnyValue.Of((long)endpoint.Port));
    }

    private static void AddOwn(ref DecodeState state, SpanBatch batch, ref ZipkinSpan span, ReadOnlySpan<byte> key, AnyValue value)
    {
        if (batch.Attributes.Count - span.AttributesFirst >= state.AttributesMax)
        {
            state.Counts.DroppedAttributes++;
            span.DroppedAttributes++;
        }
        else batch.Attributes.Add(state.Arena.Append(key), value);
    }

    /// <summary>The same for every copy of a span: FNV-1a over trace id, span id and kind, finished so that neighbours differ in all bits.</summary>
    public static SpanId Derive(TraceId traceId, SpanId id, SpanKind kind)
    {
        Span<byte> bytes = stackalloc byte[TraceId.Size + SpanId.Size + 1];
        traceId.CopyTo(bytes);
        id.CopyTo(bytes[TraceId.Size..]);
        bytes[^1] = (byte)kind;
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in bytes) hash = (hash ^ b) * 0x100000001b3;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        BinaryPrimitives.WriteUInt64BigEndian(bytes, hash == 0 ? 1 : hash);
        return new SpanId(bytes[..SpanId.Size]);
    }

    /// <summary>Microseconds as nanoseconds; beyond the year 2554 it stays there.</summary>
    public static ulong Nanoseconds(ulong microseconds) => microseconds > ulong.MaxValue / 1000 ? ulong.MaxValue : microseconds * 1000;

    private static int ResourceOf(SpanBatch batch, Text serviceName)
    {
        var resources = batch.Resources;
        for (int i = resources.Count - 1; i >= 0 && i >= resources.Count - LookBack; i--)
        {
            var (start, length) = resources.AttributesOf(i).GetOffsetAndLength(resources.Attributes.Count);
            var held = length == 0 ? default : resources.Attributes.Value[start].Text;
            if (batch.Text[held].SequenceEqual(batch.Text[serviceName])) return i;
        }
        if (!serviceName.IsEmpty) resources.Attributes.Add(batch.Text.Append("service.name"u8), AnyValue.String(serviceName));
        return resources.Add(0, default);
    }

    private static int ScopeOf(SpanBatch batch, Text name, Text version)
    {
        var scopes = batch.Scopes;
        for (int i = scopes.Count - 1; i >= 0 && i >= scopes.Count - LookBack; i--)
            if (batch.Text[scopes.Name[i]].SequenceEqual(batch.Text[name]) && batch.Text[scopes.Version[i]].SequenceEqual(batch.Text[version])) return i;
        return scopes.Add(name, version, 0, default);
    }
}
