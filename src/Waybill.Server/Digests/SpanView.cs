using System.Text;
using Waybill.Blocks;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Digests;

/// <summary>One span of a stored trace, read where it lies. The trace must have been read with its attributes.</summary>
public readonly struct SpanView(StoredTrace trace, int row)
{
    private readonly Block _block = trace[row].Block;
    private readonly int _at = trace[row].Row;

    public int Row => row;
    public SpanNode Node => trace.Nodes[row];
    public string SpanId => Node.Id.ToString();
    public string Service => _block["service"].GetString(_at);
    public string Name => _block["name"].GetString(_at);
    public SpanKind Kind => (SpanKind)Node.Kind;
    public bool IsError => _block["status"].GetInt64(_at) == (int)SpanStatus.Error;
    public string StatusMessage => _block["status_message"].GetString(_at);
    public ulong Resource => _block["resource_id"].GetUInt64(_at);
    public int HttpStatus => (int)_block[PromotedColumns.StatusColumn].GetInt64(_at);
    public string ErrorType => Promoted("error_type");
    public string Destination => Promoted("messaging_destination");
    public string MessagingSystem => Promoted("messaging_system");
    public string DbSystem => Promoted("db_system");
    public ReadOnlySpan<byte> Events => _block["events"].GetBytes(_at);
    public ReadOnlySpan<byte> Links => _block["links"].GetBytes(_at);

    /// <summary>Service and name, as people say it.</summary>
    public string Label => $"{Service} {Name}";

    public static string KindName(SpanKind kind) => kind.ToString().ToLowerInvariant();

    private string Promoted(string column) => _block[column].GetString(_at);

    /// <summary>Attributes that have no column of their own: typed key and stored text.</summary>
    public IEnumerable<(string TypedKey, string Value)> Attributes()
    {
        BlockColumn map = _block["attributes"];
        Range range = map.GetRange(_at);
        for (int i = range.Start.Value; i < range.End.Value; i++) yield return (map.Keys!.GetString(i), map.Values!.GetString(i));
    }

    /// <summary>The stored text of an attribute without a column, of whatever type; null when there is none.</summary>
    public string? Attribute(string key)
    {
        BlockColumn map = _block["attributes"];
        Range range = map.GetRange(_at);
        Span<byte> wanted = stackalloc byte[Encoding.UTF8.GetMaxByteCount(key.Length)];
        wanted = wanted[..Encoding.UTF8.GetBytes(key, wanted)];
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            ReadOnlySpan<byte> typed = map.Keys!.GetBytes(i);
            if (typed.Length == wanted.Length + 2 && typed[2..].SequenceEqual(wanted)) return map.Values!.GetString(i);
        }
        return null;
    }
}
