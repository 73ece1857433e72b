using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Exceptions;

/// <summary>The group of each exception seen lately, so that the same stack is not read again and again. Shared; at its bound it starts anew.</summary>
public sealed class KnownStacks(int countMax = 20_000)
{
    private readonly ConcurrentDictionary<UInt128, ulong> _groups = new();

    public bool TryGet(UInt128 exception, out ulong group) => _groups.TryGetValue(exception, out group);

    public void Add(UInt128 exception, ulong group)
    {
        if (_groups.Count >= countMax) _groups.Clear();
        _groups[exception] = group;
    }
}

/// <summary>Collects the exceptions of a request, and writes them as blocks for <c>exceptions</c> and <c>exception_groups</c>. Reused; one a thread.</summary>
public sealed class ExceptionBlocks(KnownStacks known)
{
    private const int MessageBytesMax = 512, StackBytesMax = 16 * 1024, HashedBytesMax = 64 * 1024;

    private readonly WrittenColumn
        _tenant = new("tenant", "String"), _time = new("time", "DateTime64(9, 'UTC')"), _service = new("service", "String"), _group = new("group_id", "UInt64"),
        _type = new("type", "String"), _message = new("message", "String"), _operation = new("operation", "String"), _signal = new("signal", "UInt8"),
        _trace = new("trace_id", "FixedString(16)"), _span = new("span_id", "FixedString(8)"), _resource = new("resource_id", "UInt64"), _weight = new("weight", "Float64"),
        _received = new("received", "DateTime('UTC')");

    private readonly WrittenColumn
        _ofTenant = new("tenant", "String"), _ofService = new("service", "String"), _ofGroup = new("group_id", "UInt64"), _ofType = new("type", "String"), _culprit = new("culprit", "String"),
        _frames = new("frames", "String"), _stack = new("stack", "String"), _first = new("first_seen", "DateTime64(9, 'UTC')"), _last = new("last_seen", "DateTime64(9, 'UTC')");

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public int Rows { get; private set; }
    public int Groups { get; private set; }

    public void Clear()
    {
        (Rows, Groups) = (0, 0);
        foreach (WrittenColumn column in All) column.Rows.Clear();
    }

    /// <summary>Adds an exception.</summary>
    /// <param name="attributes">Where <c>exception.type</c>, <c>exception.message</c> and <c>exception.stacktrace</c> are looked for.</param>
    /// <param name="isNews">Asked whether a group's row must be written with this request.</param>
    public void Add(ReadOnlySpan<byte> tenant, in OccurrencePlace at, AttributeColumns attributes, Range range, uint receivedUnixSeconds, Func<ulong, bool> isNews)
    {
        TextArena text = at.Text;
        ReadOnlySpan<byte> type = default, message = default, stack = default;
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            AnyValue value = attributes.Value[i];
            ReadOnlySpan<byte> key = text[attributes.Key[i]];
            if (value.Type != Batches.ValueType.String || !key.StartsWith("exception."u8)) continue;
            if (key.SequenceEqual("exception.type"u8)) type = text[value.Text];
            else if (key.SequenceEqual("exception.message"u8)) message = text[value.Text];
            else if (key.SequenceEqual("exception.stacktrace"u8)) stack = text[value.Text];
        }
        ulong group = GroupOf(at.Service, type, message, stack);
        _tenant.Rows.WriteText(tenant);
        _time.Rows.WriteUInt64(at.UnixNano);
        _service.Rows.WriteText(at.Service);
        _group.Rows.WriteUInt64(group);
        _type.Rows.WriteText(type);
        _message.Rows.WriteText(Cut(message, MessageBytesMax));
        _operation.Rows.WriteText(at.Operation);
        _signal.Rows.WriteByte(at.Signal);
        _trace.Rows.WriteValues<TraceId>([at.Trace]);
        _span.Rows.WriteValues<SpanId>([at.Span]);
        _resource.Rows.WriteUInt64(at.ResourceId);
        _weight.Rows.WriteUInt64(BitConverter.DoubleToUInt64Bits(at.Weight));
        _received.Rows.WriteValues<uint>([receivedUnixSeconds]);
        Rows++;
        if (isNews(group)) AddGroup(tenant, at, group, type, message, stack);
    }

    public void Write(ByteBuffer to) =>
        WrittenColumn.WriteBlock(to, [_tenant, _time, _service, _group, _type, _message, _operation, _signal, _trace, _span, _resource, _weight, _received], Rows);

    public void WriteGroups(ByteBuffer to) => WrittenColumn.WriteBlock(to, [_ofTenant, _ofService, _ofGroup, _ofType, _culprit, _frames, _stack, _first, _last], Groups);

    private ReadOnlySpan<WrittenColumn> All => (WrittenColumn[])
    [
        _tenant, _time, _service, _group, _type, _message, _operation, _signal, _trace, _span, _resource, _weight, _received,
        _ofTenant, _ofService, _ofGroup, _ofType, _culprit, _frames, _stack, _first, _last,
    ];

    private void AddGroup(ReadOnlySpan<byte> tenant, in OccurrencePlace at, ulong group, ReadOnlySpan<byte> type, ReadOnlySpan<byte> message, ReadOnlySpan<byte> stack)
    {
        ExceptionShape shape = Shape(type, message, stack);
        _ofTenant.Rows.WriteText(tenant);
        _ofService.Rows.WriteText(at.Service);
        _ofGroup.Rows.WriteUInt64(group);
        _ofType.Rows.WriteText(Encoding.UTF8.GetBytes(shape.Type));
        _culprit.Rows.WriteText(Encoding.UTF8.GetBytes(shape.Culprit));
        _frames.Rows.WriteText(Encoding.UTF8.GetBytes(string.Join('\n', shape.Frames)));
        _stack.Rows.WriteText(Cut(stack, StackBytesMax));
        _first.Rows.WriteUInt64(at.UnixNano);
        _last.Rows.WriteUInt64(at.UnixNano);
        Groups++;
    }

    private ulong GroupOf(ReadOnlySpan<byte> service, ReadOnlySpan<byte> type, ReadOnlySpan<byte> message, ReadOnlySpan<byte> stack)
    {
        // Without a stack the message decides, so then it counts here too.
        Say(service);
        Say(type);
        Say(stack.IsEmpty ? message : default);
        Say(stack[..Math.Min(stack.Length, HashedBytesMax)]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        var exception = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
        if (known.TryGet(exception, out ulong group)) return group;
        group = Shape(type, message, stack).GroupOf(Encoding.UTF8.GetString(service));
        known.Add(exception, group);
        return group;
    }

    private void Say(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(BitConverter.GetBytes(bytes.Length));
        _hash.AppendData(bytes);
    }

    private static ExceptionShape Shape(ReadOnlySpan<byte> type, ReadOnlySpan<byte> message, ReadOnlySpan<byte> stack) =>
        ExceptionShape.Of(Encoding.UTF8.GetString(type), Encoding.UTF8.GetString(message), Encoding.UTF8.GetString(stack[..Math.Min(stack.Length, HashedBytesMax)]));

    /// <summary>The beginning of a text, without a broken character at its end.</summary>
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8, int bytesMax)
    {
        if (utf8.Length <= bytesMax) return utf8;
        while (bytesMax > 0 && (utf8[bytesMax] & 0xC0) == 0x80) bytesMax--;
        return utf8[..bytesMax];
    }
}
