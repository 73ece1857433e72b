using System.Buffers.Binary;
using System.Security.Cryptography;
using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Origins;

/// <summary>Names the resources and scopes of a batch: the first 64 bits of the SHA-256 of what they say, whatever the order of their attributes. Reused.</summary>
public sealed class OriginIdentities
{
    private static readonly byte[] UnknownService = "unknown_service"u8.ToArray();

    private readonly ByteBuffer _said = new(1024);
    private readonly Column<ulong> _resourceId = new(16), _scopeId = new(16);
    private readonly Column<Text> _service = new(16);
    private int[] _order = new int[64];

    public ReadOnlySpan<ulong> ResourceId => _resourceId.Span;
    public ReadOnlySpan<ulong> ScopeId => _scopeId.Span;

    /// <summary>The value of <c>service.name</c>; <c>unknown_service</c> where the resource has none, as the SDK specification says.</summary>
    public ReadOnlySpan<byte> ServiceOf(TextArena text, int resource)
    {
        Text service = _service[resource];
        return service.IsEmpty ? UnknownService : text[service];
    }

    public void Identify(TextArena text, ResourceColumns resources, ScopeColumns scopes)
    {
        _resourceId.Clear();
        _scopeId.Clear();
        _service.Clear();
        for (int i = 0; i < resources.Count; i++)
        {
            Range range = resources.AttributesOf(i);
            _said.Clear();
            _said.WriteText(text[resources.SchemaUrl[i]]);
            Say(text, resources.Attributes, range);
            _resourceId.Add(Hash());
            _service.Add(FindService(text, resources.Attributes, range));
        }
        for (int i = 0; i < scopes.Count; i++)
        {
            _said.Clear();
            _said.WriteText(text[scopes.SchemaUrl[i]]);
            _said.WriteText(text[scopes.Name[i]]);
            _said.WriteText(text[scopes.Version[i]]);
            Say(text, scopes.Attributes, scopes.AttributesOf(i));
            _scopeId.Add(Hash());
        }
    }

    /// <summary>Names a metric series within its tenant.</summary>
    public ulong IdentifySeries(TextArena text, Text name, Text unit, byte kind, byte temporality, bool monotonic, ulong resource, ulong scope, AttributeColumns attributes, Range range)
    {
        _said.Clear();
        _said.WriteText(text[name]);
        _said.WriteText(text[unit]);
        _said.WriteByte(kind);
        _said.WriteByte(temporality);
        _said.WriteByte(monotonic ? (byte)1 : (byte)0);
        _said.WriteUInt64(resource);
        _said.WriteUInt64(scope);
        Say(text, attributes, range);
        return Hash();
    }

    private void Say(TextArena text, AttributeColumns attributes, Range range)
    {
        int start = range.Start.Value, count = range.End.Value - start;
        if (_order.Length < count) _order = new int[count * 2];
        Span<int> order = _order.AsSpan(0, count);
        for (int i = 0; i < count; i++) order[i] = start + i;
        // Insertion sort: SDKs send a resource's attributes in the same order each time, and there are few.
        for (int i = 1; i < count; i++)
        {
            int moved = order[i], at = i;
            ReadOnlySpan<byte> key = text[attributes.Key[moved]];
            while (at > 0 && text[attributes.Key[order[at - 1]]].SequenceCompareTo(key) > 0)
            {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = moved;
        }
        foreach (int i in order)
        {
            _said.WriteByte(attributes.Value[i].TypeCode);
            _said.WriteText(text[attributes.Key[i]]);
            ValueText.Write(_said, text, attributes.Value[i]);
        }
    }

    private ulong Hash()
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_said.Span, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    private static Text FindService(TextArena text, AttributeColumns attributes, Range range)
    {
        for (int i = range.Start.Value; i < range.End.Value; i++)
            if (attributes.Value[i].Type == Batches.ValueType.String && text[attributes.Key[i]].SequenceEqual("service.name"u8))
                return attributes.Value[i].Text;
        return default;
    }
}
