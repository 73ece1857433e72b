using System.Text;
using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Graph;

/// <summary>Collects the business ids that a request's spans carry and writes them as a block for <c>trace_aliases</c>: a row an id and trace. Reused; one a thread.</summary>
public sealed class AliasBlocks(AliasKeys keys)
{
    /// <summary>Longer values are no ids. 200 bytes: a W3C traceparent has 55, a URN of two UUIDs 90.</summary>
    private const int ValueBytesMax = 200;
    /// <summary>Ids of one trace in one request. A batch over thousands of orders is found by its links instead.</summary>
    private const int PerTraceMax = 64;

    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        Value = BlockFormat.ColumnHeader("value", "String"),
        Key = BlockFormat.ColumnHeader("key", "LowCardinality(String)"),
        TraceIdHeader = BlockFormat.ColumnHeader("trace_id", "FixedString(16)"),
        First = BlockFormat.ColumnHeader("first", "DateTime('UTC')"),
        Last = BlockFormat.ColumnHeader("last", "DateTime('UTC')");

    private readonly byte[][] _keyNames = [.. keys.Keys.Select(Encoding.UTF8.GetBytes)];
    private readonly Dictionary<(TraceId Trace, int Key, int Value), int> _rowOf = [];
    private readonly Dictionary<TraceId, int> _perTrace = [];
    private readonly Column<TraceId> _traceId = new();
    private readonly Column<int> _key = new();
    private readonly Column<Text> _value = new();
    private readonly Column<uint> _first = new(), _last = new();
    private readonly TextArena _text = new();
    private readonly LowCardinality _distinct = new(), _dictionary = new();
    private readonly ByteBuffer _formatted = new(64);

    public int Rows => _traceId.Count;

    public void Clear()
    {
        _rowOf.Clear();
        _perTrace.Clear();
        _traceId.Clear();
        _key.Clear();
        _value.Clear();
        _first.Clear();
        _last.Clear();
        _text.Clear();
        _distinct.Clear();
    }

    /// <summary>Notes the value of an alias key on a span.</summary>
    /// <param name="typedKey">Index in <see cref="AliasKeys.TypedKeys"/>.</param>
    public void Add(TextArena text, TraceId trace, ulong startUnixNano, int typedKey, AnyValue value)
    {
        if (trace.IsZero) return;
        int key = AliasKeys.KeyOf(typedKey);
        uint second = (uint)(startUnixNano / 1_000_000_000);
        if (value.Type == Batches.ValueType.Json)
        {
            AddAll(text[value.Text], trace, second, key);
            return;
        }
        _formatted.Clear();
        ValueText.WriteBytes(_formatted, text, value);
        AddOne(_formatted.Span, trace, second, key);
    }

    /// <summary>Each text of a JSON array. One with an escape in it is no id, and left out.</summary>
    private void AddAll(ReadOnlySpan<byte> json, TraceId trace, uint second, int key)
    {
        if (json.Contains((byte)'\\')) return;
        while (json.IndexOf((byte)'"') is var open and >= 0)
        {
            json = json[(open + 1)..];
            int close = json.IndexOf((byte)'"');
            if (close < 0) return;
            AddOne(json[..close], trace, second, key);
            json = json[(close + 1)..];
        }
    }

    private void AddOne(ReadOnlySpan<byte> value, TraceId trace, uint second, int key)
    {
        if (value.Length is 0 or > ValueBytesMax) return;
        var identity = (trace, key, _distinct.Intern(value));
        if (_rowOf.TryGetValue(identity, out int row))
        {
            if (second < _first[row]) _first[row] = second;
            if (second > _last[row]) _last[row] = second;
            return;
        }
        int count = _perTrace.GetValueOrDefault(trace);
        if (count >= PerTraceMax) return;
        _perTrace[trace] = count + 1;
        _rowOf.Add(identity, Rows);
        _traceId.Add(trace);
        _key.Add(key);
        _value.Add(_text.Append(value));
        _first.Add(second);
        _last.Add(second);
    }

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant)
    {
        to.WriteBlockHeader(6, Rows);
        to.Write(Tenant);
        _dictionary.Clear();
        int index = _dictionary.Intern(tenant);
        for (int i = 0; i < Rows; i++) _dictionary.Add(index);
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
        to.Write(Value);
        foreach (Text value in _value.Span) to.WriteText(_text[value]);
        to.Write(Key);
        _dictionary.Clear();
        foreach (int key in _key.Span) _dictionary.Add(_keyNames[key]);
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
        to.Write(TraceIdHeader);
        to.WriteValues(_traceId.Span);
        to.Write(First);
        to.WriteValues(_first.Span);
        to.Write(Last);
        to.WriteValues(_last.Span);
    }
}
