using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Graph;

namespace Waybill.Spans;

/// <summary>One attribute that has a column of its own in <c>spans</c>.</summary>
/// <param name="Key">The attribute's name in the semantic conventions, v1.44.</param>
/// <param name="Column">The column, '' where the span has no such attribute.</param>
/// <param name="Repeats">Whether its values repeat enough for a dictionary.</param>
public sealed record PromotedAttribute(string Key, string Column, bool Repeats);

/// <summary>
/// The attributes that nearly every search asks for, taken out of the map: reading one column instead of the map is ten times faster.
/// Only string values that are not empty are taken, and <c>http.response.status_code</c> when it is an int from 1 to 65,535;
/// anything else stays in the map under its own type, so nothing is changed by being stored.
/// </summary>
public sealed class PromotedColumns
{
    /// <summary>String attributes, in the order of their columns.</summary>
    public static readonly IReadOnlyList<PromotedAttribute> Strings =
    [
        new("http.request.method", "http_method", true),
        new("http.route", "http_route", true),
        new("url.path", "url_path", false),
        new("server.address", "server_address", true),
        new("db.system.name", "db_system", true),
        new("db.operation.name", "db_operation", true),
        new("db.collection.name", "db_collection", true),
        new("messaging.system", "messaging_system", true),
        new("messaging.destination.name", "messaging_destination", true),
        new("error.type", "error_type", true),
    ];

    /// <summary>The one int attribute with a column.</summary>
    public const string StatusKey = "http.response.status_code", StatusColumn = "http_status";

    /// <summary>Typed keys as <see cref="AttributeMap"/> wants them: the strings first, then the status.</summary>
    public static readonly IReadOnlyList<string> TypedKeys = [.. Strings.Select(promoted => "s:" + promoted.Key), "i:" + StatusKey];

    private static readonly byte[][] Headers =
        [.. Strings.Select(promoted => BlockFormat.ColumnHeader(promoted.Column, promoted.Repeats ? "LowCardinality(String)" : "String"))];
    private static readonly byte[] StatusHeader = BlockFormat.ColumnHeader(StatusColumn, "UInt16");

    private readonly Column<Text>[] _strings = [.. Strings.Select(_ => new Column<Text>(512))];
    private readonly Column<ushort> _status = new(512);
    private readonly LowCardinality _dictionary = new();

    /// <summary>Columns that <see cref="Write"/> writes.</summary>
    public static int Count => Strings.Count + 1;

    public void Clear()
    {
        foreach (var column in _strings) column.Clear();
        _status.Clear();
    }

    public void AddRow()
    {
        foreach (var column in _strings) column.Add(default);
        _status.Add(0);
    }

    /// <summary>Takes an attribute of the row added last.</summary>
    public bool Take(int number, AnyValue value)
    {
        if (number == _strings.Length)
        {
            ref ushort status = ref _status[_status.Count - 1];
            if (status != 0 || value.Int is < 1 or > ushort.MaxValue) return false;
            status = (ushort)value.Int;
            return true;
        }
        Column<Text> column = _strings[number];
        ref Text text = ref column[column.Count - 1];
        if (!text.IsEmpty || value.Text.IsEmpty) return false;
        text = value.Text;
        return true;
    }

    public void Write(ByteBuffer to, TextArena text)
    {
        for (int i = 0; i < _strings.Length; i++)
        {
            to.Write(Headers[i]);
            ReadOnlySpan<Text> rows = _strings[i].Span;
            if (!Strings[i].Repeats)
            {
                foreach (Text row in rows) to.WriteText(text[row]);
                continue;
            }
            _dictionary.Clear();
            foreach (Text row in rows)
            {
                if (row.IsEmpty) _dictionary.Add(LowCardinality.Empty);
                else _dictionary.Add(text[row]);
            }
            LowCardinality.WritePrefix(to);
            _dictionary.WriteData(to);
        }
        to.Write(StatusHeader);
        to.WriteValues(_status.Span);
    }

    /// <summary>Hands a span's attributes to these columns; business ids are noted, and stay in the map.</summary>
    public readonly struct Promotion(PromotedColumns columns, AliasBlocks aliases, TextArena text, TraceId trace, ulong startUnixNano) : IPromotion
    {
        public bool Take(int number, AnyValue value)
        {
            if (number < Count) return columns.Take(number, value);
            aliases.Add(text, trace, startUnixNano, number - Count, value);
            return false;
        }
    }
}
