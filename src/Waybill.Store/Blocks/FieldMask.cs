using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waybill.Redaction;
using Waybill.Spans;

namespace Waybill.Blocks;

/// <summary>Attributes that are not shown.</summary>
/// <param name="Services">Whose; empty: everybody's.</param>
/// <param name="Why">For who meets the mask; may be empty.</param>
public sealed record MaskedField(Glob Key, IReadOnlySet<string> Services, string Why)
{
    /// <summary>What stands in the place of a value.</summary>
    public string Instead => Why.Length == 0 ? "[masked]" : $"[masked: {Why}]";
}

/// <summary>
/// What a reader may not see of what the engine answers. Held at two doors that every read passes: each block that is read is masked before anybody sees it
/// (<see cref="BlockReader"/>), and no name of a masked attribute is turned into SQL (<see cref="Refuse"/>), so that nobody finds out a value by asking for it.
/// </summary>
public sealed class FieldMask(IReadOnlyList<MaskedField> fields)
{
    /// <summary>What services, their versions, peers and failures are known by: rooms are built on these, so they cannot be masked. Redaction can take them out.</summary>
    public static readonly FrozenSet<string> NeverMasked = new[]
    {
        "service.name", "service.namespace", "service.version", "service.instance.id", "deployment.environment", "deployment.environment.name", "server.address", "db.system.name", "messaging.system",
        "messaging.destination.name", "messaging.message.id", "faas.trigger", "error.type", "exception.type", "exception.message", "exception.stacktrace", "feature_flag.key", "feature_flag.result.variant",
        "k8s.pod.name", "k8s.pod.uid", "host.name", "container.id", "container.image.id", "container.image.tag", "container.image.tags", "container.image.repo_digests", "oci.manifest.digest",
        "cloud.availability_zone", "vcs.ref.head.revision", "vcs.repository.url.full", PromotedColumns.StatusKey,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">An attribute's name, without the letter of its type.</param>
    public MaskedField? Find(ReadOnlySpan<byte> name)
    {
        foreach (MaskedField field in fields)
            if (field.Key.Matches(name) && !NeverMasked.Contains(Encoding.UTF8.GetString(name))) return field;
        return null;
    }

    public bool Covers(string name) => Find(Encoding.UTF8.GetBytes(name)) is not null;

    /// <exception cref="MaskedFieldException">The attribute is masked, of whichever service.</exception>
    public void Refuse(string name)
    {
        if (Find(Encoding.UTF8.GetBytes(name)) is { } field) throw new MaskedFieldException(name, field.Why);
    }

    /// <summary>The block as this reader may see it: values of masked attributes in maps, in columns of their own, in events and links.</summary>
    public Block Apply(Block block)
    {
        BlockColumn? services = block.Columns.FirstOrDefault(column => column.Name == "service");
        return new Block(block.Rows, [.. block.Columns.Select(column => Apply(column, services))]);
    }

    private BlockColumn Apply(BlockColumn column, BlockColumn? services)
    {
        if (column.Keys is not null) return IsText(column.Values!) && IsText(column.Keys) ? OfMap(column, services) : column;
        if (column.Name is "events" or "links" && IsText(column)) return OfTexts(column, row => Attached(column.GetBytes(row), row, services));
        if (PromotedColumns.Strings.FirstOrDefault(promoted => promoted.Column == column.Name) is not { } own || !IsText(column) || Find(Encoding.UTF8.GetBytes(own.Key)) is not { } field) return column;
        return OfTexts(column, row => column.GetBytes(row) is { IsEmpty: false } && Holds(field, services, row) ? Encoding.UTF8.GetBytes(field.Instead) : null);
    }

    private BlockColumn OfMap(BlockColumn map, BlockColumn? services)
    {
        var keys = new Texts(map.Keys!.Rows);
        var values = new Texts(map.Keys.Rows);
        bool any = false;
        for (int row = 0; row < map.Rows; row++)
        {
            Range range = map.GetRange(row);
            for (int i = range.Start.Value; i < range.End.Value; i++)
            {
                ReadOnlySpan<byte> key = map.Keys.GetBytes(i);
                bool typed = key.Length > 2 && key[1] == (byte)':';
                if (Find(typed ? key[2..] : key) is not { } field || !Holds(field, services, row))
                {
                    keys.Add(key);
                    values.Add(map.Values!.GetBytes(i));
                    continue;
                }
                any = true;
                keys.Add(typed ? [(byte)'s', (byte)':', .. key[2..]] : key);   // what stands there now is a text
                values.Add(Encoding.UTF8.GetBytes(field.Instead));
            }
        }
        return !any ? map : new BlockColumn { Name = map.Name, Type = map.Type, Rows = map.Rows, Ends = map.Ends, Keys = keys.ToColumn(""), Values = values.ToColumn("") };
    }

    /// <returns>Null when nothing in it is masked.</returns>
    private byte[]? Attached(ReadOnlySpan<byte> json, int row, BlockColumn? services)
    {
        if (json.IsEmpty) return null;
        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        bool any = false;
        var written = new ArrayBufferWriter<byte>(json.Length + 64);
        using (var to = new Utf8JsonWriter(written, Relaxed))
        {
            to.WriteStartArray();
            foreach (JsonElement item in document.RootElement.EnumerateArray())
            {
                to.WriteStartObject();
                foreach (JsonProperty member in item.EnumerateObject())
                {
                    if (member.Name != "attributes" || member.Value.ValueKind != JsonValueKind.Object) member.WriteTo(to);
                    else any |= WriteAttributes(to, member.Value, row, services);
                }
                to.WriteEndObject();
            }
            to.WriteEndArray();
        }
        return any ? written.WrittenSpan.ToArray() : null;
    }

    private bool WriteAttributes(Utf8JsonWriter to, JsonElement attributes, int row, BlockColumn? services)
    {
        bool any = false;
        to.WriteStartObject("attributes"u8);
        foreach (JsonProperty attribute in attributes.EnumerateObject())
        {
            bool typed = attribute.Name.Length > 2 && attribute.Name[1] == ':';
            string name = typed ? attribute.Name[2..] : attribute.Name;
            if (Find(Encoding.UTF8.GetBytes(name)) is { } field && Holds(field, services, row))
            {
                to.WriteString(typed ? "s:" + name : name, field.Instead);
                any = true;
            }
            else attribute.WriteTo(to);
        }
        to.WriteEndObject();
        return any;
    }

    private static BlockColumn OfTexts(BlockColumn column, Func<int, byte[]?> instead)
    {
        var texts = new Texts(column.Rows);
        for (int row = 0; row < column.Rows; row++)
        {
            if (instead(row) is { } other) texts.Add(other);
            else texts.Add(column.GetBytes(row));
        }
        return texts.ToColumn(column.Name);
    }

    // Where the rows do not say whose they are, they may be of that service.
    private static bool Holds(MaskedField field, BlockColumn? services, int row) => field.Services.Count == 0 || services is null || field.Services.Contains(services.GetString(row));

    private static bool IsText(BlockColumn column) => column.Type is "String" or "LowCardinality(String)";

    /// <summary>A column of texts that is being made.</summary>
    private sealed class Texts(int rows)
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(Math.Max(256, rows * 16));
        private readonly int[] _starts = new int[rows], _ends = new int[rows];
        private int _count;

        public void Add(ReadOnlySpan<byte> text)
        {
            _starts[_count] = _bytes.WrittenCount;
            _bytes.Write(text);
            _ends[_count++] = _bytes.WrittenCount;
        }

        public BlockColumn ToColumn(string name) => new() { Name = name, Type = "String", Rows = rows, Bytes = _bytes.WrittenMemory, Starts = _starts, Ends = _ends };
    }
}

/// <summary>Somebody asks for values of an attribute that is masked for him.</summary>
public sealed class MaskedFieldException(string field, string why) : Exception($"The attribute '{field}' is masked for you{(why.Length == 0 ? "" : $" ({why})")}: it cannot be searched, grouped or listed by its values.")
{
    public string Field { get; } = field;
}
