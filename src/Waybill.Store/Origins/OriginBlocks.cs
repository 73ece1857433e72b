using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Origins;

/// <summary>Writes rows of <c>resources</c> and <c>scopes</c>.</summary>
public static class OriginBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "String"),
        Service = BlockFormat.ColumnHeader("service", "String"),
        ResourceId = BlockFormat.ColumnHeader("resource_id", "UInt64"),
        ScopeId = BlockFormat.ColumnHeader("scope_id", "UInt64"),
        Name = BlockFormat.ColumnHeader("name", "String"),
        Version = BlockFormat.ColumnHeader("version", "String"),
        AttributeMap = BlockFormat.ColumnHeader("attributes", "Map(String, String)"),
        SchemaUrl = BlockFormat.ColumnHeader("schema_url", "String"),
        Dropped = BlockFormat.ColumnHeader("dropped", "UInt32"),
        FirstSeen = BlockFormat.ColumnHeader("first_seen", "DateTime('UTC')"),
        LastSeen = BlockFormat.ColumnHeader("last_seen", "DateTime('UTC')");

    /// <param name="rows">Indexes of the resources to write.</param>
    public static void WriteResources(ByteBuffer to, ReadOnlySpan<byte> tenant, TextArena text, ResourceColumns resources, OriginIdentities identities, ReadOnlySpan<int> rows, uint receivedUnixSeconds)
    {
        to.WriteBlockHeader(8, rows.Length);
        to.Write(Tenant);
        for (int i = 0; i < rows.Length; i++) to.WriteText(tenant);
        to.Write(Service);
        foreach (int row in rows) to.WriteText(identities.ServiceOf(text, row));
        to.Write(ResourceId);
        to.WriteRows(identities.ResourceId, rows);
        to.Write(AttributeMap);
        WriteAttributes(to, text, resources.Attributes, resources.AttributesEnd, rows);
        to.Write(SchemaUrl);
        foreach (int row in rows) to.WriteText(text[resources.SchemaUrl[row]]);
        to.Write(Dropped);
        to.WriteRows(resources.DroppedAttributes.Span, rows);
        to.Write(FirstSeen);
        foreach (int _ in rows) to.WriteValues<uint>([receivedUnixSeconds]);
        to.Write(LastSeen);
        foreach (int _ in rows) to.WriteValues<uint>([receivedUnixSeconds]);
    }

    /// <param name="rows">Indexes of the scopes to write.</param>
    public static void WriteScopes(ByteBuffer to, ReadOnlySpan<byte> tenant, TextArena text, ScopeColumns scopes, OriginIdentities identities, ReadOnlySpan<int> rows, uint receivedUnixSeconds)
    {
        to.WriteBlockHeader(8, rows.Length);
        to.Write(Tenant);
        for (int i = 0; i < rows.Length; i++) to.WriteText(tenant);
        to.Write(ScopeId);
        to.WriteRows(identities.ScopeId, rows);
        to.Write(Name);
        foreach (int row in rows) to.WriteText(text[scopes.Name[row]]);
        to.Write(Version);
        foreach (int row in rows) to.WriteText(text[scopes.Version[row]]);
        to.Write(AttributeMap);
        WriteAttributes(to, text, scopes.Attributes, scopes.AttributesEnd, rows);
        to.Write(SchemaUrl);
        foreach (int row in rows) to.WriteText(text[scopes.SchemaUrl[row]]);
        to.Write(Dropped);
        to.WriteRows(scopes.DroppedAttributes.Span, rows);
        to.Write(LastSeen);
        foreach (int _ in rows) to.WriteValues<uint>([receivedUnixSeconds]);
    }

    private static void WriteAttributes(ByteBuffer to, TextArena text, AttributeColumns attributes, Column<int> ends, ReadOnlySpan<int> rows)
    {
        Range[] ranges = new Range[rows.Length];   // rare: a new origin, about once an hour
        for (int i = 0; i < rows.Length; i++) ranges[i] = (rows[i] == 0 ? 0 : ends[rows[i] - 1])..ends[rows[i]];
        Attributes.AttributeMap.WritePlain(to, text, attributes, ranges);
    }
}
