using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>Reads one span, log record or metric, its length first. False only when its frame itself is broken: a bad item is refused and passed over.</summary>
internal delegate bool ReadProtoItem<TBatch>(ref ProtoReader reader, ref DecodeState state, TBatch batch);

/// <summary>The part that traces, logs and metrics share.</summary>
/// <remarks>
/// Export{Trace,Logs,Metrics}ServiceRequest { repeated Resource{Spans,Logs,Metrics} = 1 }
/// Resource{Spans,..} { Resource resource = 1; repeated Scope{Spans,..} = 2; string schema_url = 3 }
/// Scope{Spans,..} { InstrumentationScope scope = 1; repeated {Span,LogRecord,Metric} = 2; string schema_url = 3 }
/// Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2 }
/// InstrumentationScope { string name = 1, version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4 }
/// Fields come in any order: items point to the row that their origin gets when its message ends.
/// </remarks>
internal static class ProtoRequest
{
    public static bool TryRead<TBatch>(ref DecodeState state, TBatch batch, ResourceColumns resources, ScopeColumns scopes, ReadProtoItem<TBatch> readItem)
    {
        var reader = new ProtoReader(state.Body);
        while (reader.More)
        {
            if (reader.TryTag(out uint tag) &&
                (tag == 0x0a ? TryResourceItems(ref reader, ref state, batch, resources, scopes, readItem) : reader.TrySkip(tag, 0b10))) continue;
            return state.Fail(reader.Fault, reader.FaultAt);
        }
        return true;
    }

    private static bool TryResourceItems<TBatch>(
        ref ProtoReader reader, ref DecodeState state, TBatch batch, ResourceColumns resources, ScopeColumns scopes, ReadProtoItem<TBatch> readItem)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int rows = state.Rows;
        uint dropped = 0;
        Text schemaUrl = default;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!TryResource(ref reader, ref state, resources, ref dropped)) return false;
                    break;
                case 0x12:
                    if (!TryScopeItems(ref reader, ref state, batch, scopes, readItem)) return false;
                    break;
                case 0x1a:
                    if (!reader.TryBytes(out int offset, out int length)) return false;
                    schemaUrl = state.Take(offset, length, state.ValueBytesMax);
                    break;
                default:
                    if (!reader.TrySkip(tag, 0b1110)) return false;
                    break;
            }
        }
        if (state.Rows > rows) resources.Add(dropped, schemaUrl);
        else resources.DropUnfinished();
        reader.Leave(frame);
        return true;
    }

    private static bool TryResource(ref ProtoReader reader, ref DecodeState state, ResourceColumns resources, ref uint dropped)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int first = resources.Count == 0 ? 0 : resources.AttributesEnd[resources.Count - 1];
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, resources.Attributes, first, state.Limits.OriginAttributesMax, ref dropped)) return false;
                    break;
                case 0x10:
                    if (!reader.TryVarint(out ulong bits)) return false;
                    dropped = AddSaturated(dropped, (uint)bits);
                    break;
                default:
                    if (!reader.TrySkip(tag, 0b1110 & ~(1u << 3))) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }

    private static bool TryScopeItems<TBatch>(ref ProtoReader reader, ref DecodeState state, TBatch batch, ScopeColumns scopes, ReadProtoItem<TBatch> readItem)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int rows = state.Rows;
        var scope = new ScopeFields();
        Text schemaUrl = default;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!TryScope(ref reader, ref state, scopes, ref scope)) return false;
                    break;
                case 0x12:
                    if (!readItem(ref reader, ref state, batch)) return false;
                    break;
                case 0x1a:
                    if (!reader.TryBytes(out int offset, out int length)) return false;
                    schemaUrl = state.Take(offset, length, state.ValueBytesMax);
                    break;
                default:
                    if (!reader.TrySkip(tag, 0b1110)) return false;
                    break;
            }
        }
        if (state.Rows > rows) scopes.Add(scope.Name, scope.Version, scope.Dropped, schemaUrl);
        else scopes.DropUnfinished();
        reader.Leave(frame);
        return true;
    }

    private struct ScopeFields
    {
        public Text Name, Version;
        public uint Dropped;
    }

    private static bool TryScope(ref ProtoReader reader, ref DecodeState state, ScopeColumns scopes, ref ScopeFields scope)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int first = scopes.Count == 0 ? 0 : scopes.AttributesEnd[scopes.Count - 1];
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            int offset, length;
            switch (tag)
            {
                case 0x0a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    scope.Name = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x12:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    scope.Version = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x1a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, scopes.Attributes, first, state.Limits.OriginAttributesMax, ref scope.Dropped)) return false;
                    break;
                case 0x20:
                    if (!reader.TryVarint(out ulong bits)) return false;
                    scope.Dropped = AddSaturated(scope.Dropped, (uint)bits);
                    break;
                default:
                    if (!reader.TrySkip(tag, 0b1_1110)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }

    /// <summary>What a sender dropped and what we did, together.</summary>
    public static uint AddSaturated(uint a, uint b) => a + b < a ? uint.MaxValue : a + b;
}
