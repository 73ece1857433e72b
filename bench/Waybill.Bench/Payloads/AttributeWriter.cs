namespace Waybill.Payloads;

// KeyValue { key = 1, value = 2: AnyValue { string_value = 1, bool_value = 2, int_value = 3, double_value = 4 } }, opentelemetry-proto 1.x
internal static class AttributeWriter
{
    public static void Attribute(this ProtoWriter writer, int field, string key, string value, int trace = 0)
    {
        int pair = writer.Begin(field);
        writer.Text(1, key);
        int any = writer.Begin(2);
        if (value.Contains('<', StringComparison.Ordinal)) writer.Text(1, value, trace);
        else writer.Text(1, value);
        writer.End(any);
        writer.End(pair);
    }

    public static void Attribute(this ProtoWriter writer, int field, string key, long value)
    {
        int pair = writer.Begin(field);
        writer.Text(1, key);
        int any = writer.Begin(2);
        writer.UInt(3, (ulong)value);
        writer.End(any);
        writer.End(pair);
    }

    public static void Attribute(this ProtoWriter writer, int field, string key, bool value)
    {
        int pair = writer.Begin(field);
        writer.Text(1, key);
        int any = writer.Begin(2);
        writer.Bool(2, value);
        writer.End(any);
        writer.End(pair);
    }
}
