using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Exceptions;

namespace Waybill.Flags;

/// <summary>Collects the evaluations of feature flags of a request, and writes them as a block for <c>flag_evaluations</c>. Reused; one a thread.</summary>
public sealed class FlagBlocks
{
    private readonly WrittenColumn
        _tenant = new("tenant", "String"), _time = new("time", "DateTime64(9, 'UTC')"), _service = new("service", "String"), _flag = new("flag", "String"), _value = new("value", "String"),
        _variant = new("variant", "String"), _reason = new("reason", "String"), _provider = new("provider", "String"), _context = new("context", "String"), _signal = new("signal", "UInt8"),
        _trace = new("trace_id", "FixedString(16)"), _span = new("span_id", "FixedString(8)"), _resource = new("resource_id", "UInt64"), _weight = new("weight", "Float64"),
        _received = new("received", "DateTime('UTC')");

    public int Rows { get; private set; }

    public void Clear()
    {
        Rows = 0;
        foreach (WrittenColumn column in All) column.Rows.Clear();
    }

    /// <summary>Adds an evaluation, whose attributes are as the semantic conventions write them now (<c>feature_flag.result.*</c>) or before. Without a key it is none.</summary>
    public void Add(ReadOnlySpan<byte> tenant, in OccurrencePlace at, AttributeColumns attributes, Range range, uint receivedUnixSeconds)
    {
        TextArena text = at.Text;
        AnyValue key = default, value = default, variant = default, reason = default, provider = default, context = default;
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            ReadOnlySpan<byte> name = text[attributes.Key[i]];
            if (!name.StartsWith("feature_flag."u8)) continue;
            name = name["feature_flag.".Length..];
            AnyValue said = attributes.Value[i];
            if (name.SequenceEqual("key"u8)) key = said;
            else if (name.SequenceEqual("result.value"u8)) value = said;
            else if (name.SequenceEqual("result.variant"u8) || name.SequenceEqual("variant"u8)) variant = said;
            else if (name.SequenceEqual("result.reason"u8) || name.SequenceEqual("reason"u8)) reason = said;
            else if (name.SequenceEqual("provider.name"u8) || name.SequenceEqual("provider_name"u8)) provider = said;
            else if (name.SequenceEqual("context.id"u8)) context = said;
        }
        if (key.Type != Batches.ValueType.String || key.Text.IsEmpty) return;
        _tenant.Rows.WriteText(tenant);
        _time.Rows.WriteUInt64(at.UnixNano);
        _service.Rows.WriteText(at.Service);
        ValueText.Write(_flag.Rows, text, key);
        ValueText.Write(_value.Rows, text, value.Type == Batches.ValueType.Empty ? variant : value);
        ValueText.Write(_variant.Rows, text, variant);
        ValueText.Write(_reason.Rows, text, reason);
        ValueText.Write(_provider.Rows, text, provider);
        ValueText.Write(_context.Rows, text, context);
        _signal.Rows.WriteByte(at.Signal);
        _trace.Rows.WriteValues<TraceId>([at.Trace]);
        _span.Rows.WriteValues<SpanId>([at.Span]);
        _resource.Rows.WriteUInt64(at.ResourceId);
        _weight.Rows.WriteUInt64(BitConverter.DoubleToUInt64Bits(at.Weight));
        _received.Rows.WriteValues<uint>([receivedUnixSeconds]);
        Rows++;
    }

    public void Write(ByteBuffer to) => WrittenColumn.WriteBlock(to, All, Rows);

    private ReadOnlySpan<WrittenColumn> All =>
        (WrittenColumn[])[_tenant, _time, _service, _flag, _value, _variant, _reason, _provider, _context, _signal, _trace, _span, _resource, _weight, _received];
}
