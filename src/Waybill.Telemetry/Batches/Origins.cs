namespace Waybill.Batches;

/// <summary>The resources that a batch's items point to by index. One entry per ResourceSpans/Logs/Metrics message.</summary>
public sealed class ResourceColumns
{
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    public Column<uint> DroppedAttributes { get; } = new();
    public Column<Text> SchemaUrl { get; } = new();

    public int Count => AttributesEnd.Count;

    public Range AttributesOf(int index) => (index == 0 ? 0 : AttributesEnd[index - 1])..AttributesEnd[index];

    /// <summary>Adds a resource whose attributes were appended to <see cref="Attributes"/> just before, and returns its index.</summary>
    public int Add(uint droppedAttributes, Text schemaUrl)
    {
        AttributesEnd.Add(Attributes.Count);
        DroppedAttributes.Add(droppedAttributes);
        SchemaUrl.Add(schemaUrl);
        return Count - 1;
    }

    /// <summary>Forgets the attributes of one that has no row yet.</summary>
    public void DropUnfinished() => Attributes.Truncate(Count == 0 ? 0 : AttributesEnd[Count - 1]);

    public void Clear()
    {
        Attributes.Clear();
        AttributesEnd.Clear();
        DroppedAttributes.Clear();
        SchemaUrl.Clear();
    }
}

/// <summary>The instrumentation scopes that a batch's items point to by index.</summary>
public sealed class ScopeColumns
{
    public Column<Text> Name { get; } = new();
    public Column<Text> Version { get; } = new();
    public AttributeColumns Attributes { get; } = new();
    public Column<int> AttributesEnd { get; } = new();
    public Column<uint> DroppedAttributes { get; } = new();
    public Column<Text> SchemaUrl { get; } = new();

    public int Count => Name.Count;

    public Range AttributesOf(int index) => (index == 0 ? 0 : AttributesEnd[index - 1])..AttributesEnd[index];

    /// <summary>Adds a scope whose attributes were appended to <see cref="Attributes"/> just before, and returns its index.</summary>
    public int Add(Text name, Text version, uint droppedAttributes, Text schemaUrl)
    {
        Name.Add(name);
        Version.Add(version);
        AttributesEnd.Add(Attributes.Count);
        DroppedAttributes.Add(droppedAttributes);
        SchemaUrl.Add(schemaUrl);
        return Count - 1;
    }

    /// <summary>Forgets the attributes of one that has no row yet.</summary>
    public void DropUnfinished() => Attributes.Truncate(Count == 0 ? 0 : AttributesEnd[Count - 1]);

    public void Clear()
    {
        Name.Clear();
        Version.Clear();
        Attributes.Clear();
        AttributesEnd.Clear();
        DroppedAttributes.Clear();
        SchemaUrl.Clear();
    }
}
