namespace Waybill.Batches;

/// <summary>
/// The attributes of all items of one kind in a batch, end to end. The owner keeps where each item's attributes end;
/// they begin where the item before it ends.
/// </summary>
public sealed class AttributeColumns
{
    public Column<Text> Key { get; } = new(256);
    public Column<AnyValue> Value { get; } = new(256);

    public int Count => Key.Count;

    public void Add(Text key, AnyValue value)
    {
        Key.Add(key);
        Value.Add(value);
    }

    public void Truncate(int count)
    {
        Key.Truncate(count);
        Value.Truncate(count);
    }

    public void Clear()
    {
        Key.Clear();
        Value.Clear();
    }

    public long BytesHeld => Key.BytesHeld + Value.BytesHeld;
}
