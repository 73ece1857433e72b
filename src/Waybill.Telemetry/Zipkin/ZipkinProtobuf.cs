using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Otlp;
using Waybill.Spans;

namespace Waybill.Zipkin;

/// <summary>Zipkin's protobuf encoding (POST /api/v2/spans, application/x-protobuf). The body must already lie in the batch's arena, alone.</summary>
/// <remarks>
/// ListOfSpans { repeated Span spans = 1 }
/// Span { bytes trace_id = 1, parent_id = 2, id = 3; Kind kind = 4; string name = 5; fixed64 timestamp = 6; uint64 duration = 7; Endpoint local = 8, remote = 9;
///   repeated Annotation = 10; map&lt;string,string&gt; tags = 11; bool debug = 12, shared = 13 }
/// Kind { none 0, CLIENT 1, SERVER 2, PRODUCER 3, CONSUMER 4 }   Endpoint { string service_name = 1; bytes ipv4 = 2, ipv6 = 3; int32 port = 4 }
/// Annotation { fixed64 timestamp = 1; string value = 2 }   map entry { key = 1; value = 2 }
/// </remarks>
public static class ZipkinProtobuf
{
    private const uint SpanFieldNumbers = 0x3FFE, EndpointFields = 0b1_1110, PairFields = 0b110;

    /// <summary>Decodes a ListOfSpans into the same rows that OTLP gives.</summary>
    public static DecodeResult Decode(SpanBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        if (!TryList(ref state, batch)) batch.Clear();
        return OtlpProtobuf.Result(ref state, OtlpSchemas.Zipkin);
    }

    private static bool TryList(ref DecodeState state, SpanBatch batch)
    {
        var reader = new ProtoReader(state.Body);
        while (reader.More)
        {
            if (reader.TryTag(out uint tag) && (tag == 0x0a ? TryRead(ref reader, ref state, batch) : reader.TrySkip(tag, 0b10))) continue;
            return state.Fail(reader.Fault, reader.FaultAt);
        }
        return true;
    }

    private static bool TryRead(ref ProtoReader reader, ref DecodeState state, SpanBatch batch)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int textLength = state.Arena.Length;
        var before = state.Counts;
        var span = ZipkinRows.Begin(batch);
        var reason = Rejection.Malformed;
        bool read = true;
        while (read && reader.More) read = reader.TryTag(out uint tag) && TryField(ref reader, ref state, batch, ref span, tag);
        if (read && ZipkinRows.TryAdd(ref state, batch, ref span, out reason))
        {
            state.Rows++;
            reader.Leave(frame);
            return true;
        }
        state.Counts = before;
        batch.DropUnfinished(textLength);
        state.Rejected.Add(reason, reason == Rejection.Malformed ? reader.FaultAt : frame.Start, 1);
        reader.Abandon(frame);
        return true;
    }

    private static bool TryField(ref ProtoReader reader, ref DecodeState state, SpanBatch batch, ref ZipkinSpan span, uint tag)
    {
        int offset, length;
        ulong bits;
        switch (tag)
        {
            case 0x0a:
                if (!reader.TryBytes(out offset, out length)) return false;
                span.TraceId = TraceIdOf(reader.Slice(offset, length));
                return true;
            case 0x12:
                if (!reader.TryBytes(out offset, out length)) return false;
                span.ParentFits = length is 0 or SpanId.Size;
                span.ParentId = length == SpanId.Size ? new SpanId(reader.Slice(offset, length)) : default;
                return true;
            case 0x1a:
                if (!reader.TryBytes(out offset, out length)) return false;
                span.Id = length == SpanId.Size ? new SpanId(reader.Slice(offset, length)) : default;
                return true;
            case 0x20:
                if (!reader.TryVarint(out bits)) return false;
                span.Kind = state.KnownEnum(bits, 4) switch
                {
                    1 => SpanKind.Client,
                    2 => SpanKind.Server,
                    3 => SpanKind.Producer,
                    4 => SpanKind.Consumer,
                    _ => SpanKind.Internal,
                };
                return true;
            case 0x2a: return TryText(ref reader, ref state, state.ValueBytesMax, out span.Name);
            case 0x31: return reader.TryFixed64(out span.Timestamp);
            case 0x38: return reader.TryVarint(out span.Duration);
            case 0x42: return TryEndpoint(ref reader, ref state, ref span.Local);
            case 0x4a: return TryEndpoint(ref reader, ref state, ref span.Remote);
            case 0x52: return TryAnnotation(ref reader, ref state, batch, ref span);
            case 0x5a: return TryTagPair(ref reader, ref state, batch, ref span);
            case 0x60:
                if (!reader.TryVarint(out bits)) return false;
                span.Debug = bits != 0;
                return true;
            case 0x68:
                if (!reader.TryVarint(out bits)) return false;
                span.Shared = bits != 0;
                return true;
            default: return reader.TrySkip(tag, SpanFieldNumbers);
        }
    }

    /// <summary>16 bytes, or 8 with zeros put before them.</summary>
    private static TraceId TraceIdOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == TraceId.Size) return new TraceId(bytes);
        if (bytes.Length != TraceId.Size / 2) return default;
        Span<byte> padded = stackalloc byte[TraceId.Size];
        padded.Clear();
        bytes.CopyTo(padded[(TraceId.Size / 2)..]);
        return new TraceId(padded);
    }

    private static bool TryText(ref ProtoReader reader, ref DecodeState state, int bytesMax, out Text text)
    {
        bool read = reader.TryBytes(out int offset, out int length);
        text = read ? state.Take(offset, length, bytesMax) : default;
        return read;
    }

    private static bool TryEndpoint(ref ProtoReader reader, ref DecodeState state, ref ZipkinEndpoint endpoint)
    {
        if (!reader.TryEnter(out var frame)) return false;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!TryText(ref reader, ref state, state.ValueBytesMax, out endpoint.ServiceName)) return false;
                    break;
                case 0x12 or 0x1a:
                    if (!reader.TryBytes(out int offset, out int length)) return false;
                    if (endpoint.Address.IsEmpty) endpoint.Address = IpAddresses.Append(state.Arena, reader.Slice(offset, length));
                    break;
                case 0x20:
                    if (!reader.TryVarint(out ulong port)) return false;
                    endpoint.Port = port <= ushort.MaxValue ? (uint)port : 0;
                    break;
                default:
                    if (!reader.TrySkip(tag, EndpointFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }

    private static bool TryAnnotation(ref ProtoReader reader, ref DecodeState state, SpanBatch batch, ref ZipkinSpan span)
    {
        if (!reader.TryEnter(out var frame)) return false;
        ulong timestamp = 0;
        Text value = default;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (!(tag switch
            {
                0x09 => reader.TryFixed64(out timestamp),
                0x12 => TryText(ref reader, ref state, state.ValueBytesMax, out value),
                _ => reader.TrySkip(tag, PairFields),
            })) return false;
        }
        reader.Leave(frame);
        ZipkinRows.AddAnnotation(ref state, batch, ref span, timestamp, value);
        return true;
    }

    private static bool TryTagPair(ref ProtoReader reader, ref DecodeState state, SpanBatch batch, ref ZipkinSpan span)
    {
        if (!reader.TryEnter(out var frame)) return false;
        Text key = default, value = default;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            if (!(tag switch
            {
                0x0a => TryText(ref reader, ref state, state.KeyBytesMax, out key),
                0x12 => TryText(ref reader, ref state, state.ValueBytesMax, out value),
                _ => reader.TrySkip(tag, PairFields),
            })) return false;
        }
        reader.Leave(frame);
        ZipkinRows.AddTag(ref state, batch, ref span, key, value);
        return true;
    }
}
