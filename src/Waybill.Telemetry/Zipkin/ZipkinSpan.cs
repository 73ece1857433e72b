using System.Buffers.Binary;
using System.Buffers.Text;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Otlp;
using Waybill.Spans;

namespace Waybill.Zipkin;

/// <summary>One side of a Zipkin span.</summary>
internal struct ZipkinEndpoint
{
    public Text ServiceName, Address;
    public uint Port;
}

/// <summary>A Zipkin v2 span while it is read: its fields, and what OpenTelemetry's Zipkin exporter hides in tags.</summary>
internal struct ZipkinSpan
{
    public TraceId TraceId;
    public SpanId Id, ParentId;
    public bool ParentFits, Shared, Debug, HasError;
    public SpanKind Kind;
    public Text Name, ErrorMessage, ScopeName, ScopeVersion;
    /// <summary>Microseconds since 1970, and microseconds.</summary>
    public ulong Timestamp, Duration;
    public SpanStatus Status;
    public uint DroppedAttributes, DroppedEvents;
    public ZipkinEndpoint Local, Remote;
    public int AttributesFirst, EventsFirst;
}

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

    /// <summary>Four bytes as 192.0.2.1, sixteen as in RFC 5952 (2001:db8::1); nothing for other lengths.</summary>
    public static Text AppendAddress(TextArena arena, ReadOnlySpan<byte> bytes)
    {
        Span<byte> text = stackalloc byte[48];
        int at = 0;
        if (bytes.Length == 4)
        {
            for (int i = 0; i < 4; i++)
            {
                if (i > 0) text[at++] = (byte)'.';
                Utf8Formatter.TryFormat(bytes[i], text[at..], out int written);
                at += written;
            }
        }
        else if (bytes.Length == 16)
        {
            var (zerosAt, zeros) = LongestZeros(bytes);
            for (int i = 0; i < 8; i++)
            {
                if (i == zerosAt)
                {
                    text[at++] = (byte)':';
                    if (i == 0) text[at++] = (byte)':';
                    i += zeros - 1;
                    continue;
                }
                BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]).TryFormat(text[at..], out int written, "x");
                at += written;
                if (i < 7) text[at++] = (byte)':';
            }
        }
        return arena.Append(text[..at]);
    }

    /// <summary>The longest run of zero groups of two or more, the first of equals; (-1, 0) when there is none.</summary>
    private static (int At, int Count) LongestZeros(ReadOnlySpan<byte> bytes)
    {
        int best = -1, bestCount = 1;
        for (int i = 0; i < 8; i++)
        {
            int count = 0;
            while (i + count < 8 && bytes[2 * (i + count)] == 0 && bytes[2 * (i + count) + 1] == 0) count++;
            if (count <= bestCount) continue;
            best = i;
            bestCount = count;
        }
        return (best, best < 0 ? 0 : bestCount);
    }
}
