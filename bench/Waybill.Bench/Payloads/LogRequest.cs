using System.Buffers.Binary;
using System.Globalization;

namespace Waybill.Payloads;

/// <summary>Log records of the shop: a quarter of them with a number that hardly another has, one in twenty an error, one in three within a trace.</summary>
internal static class LogRequest
{
    public const int Records = 500;

    private static readonly (int Severity, string Text, string Body)[] Lines =
    [
        (9, "INFO", "Request finished in {0} ms with status 200"), (9, "INFO", "Order {1} placed by user {2}"), (9, "INFO", "User {2} signed in"),
        (5, "DEBUG", "Cache miss for item {3}, reading through"), (9, "INFO", "Cart of user {2} has {0} lines"), (5, "DEBUG", "Connection {0} taken from the pool"),
        (9, "INFO", "Parcel for order {1} handed to the carrier"), (9, "INFO", "Reservation of item {3} confirmed"), (13, "WARN", "Retrying call to inventory, attempt {0}"),
        (13, "WARN", "Slow statement on items took {0} ms"), (17, "ERROR", "Payment of order {1} declined by the issuer: insufficient funds"),
        (17, "ERROR", "Timeout after {0} ms while calling payment: connection reset by peer"),
    ];

    // ExportLogsServiceRequest { resource_logs 1: { resource 1: { attributes 1 }, scope_logs 2: { scope 1: { name 1 }, log_records 2: LogRecord } } }
    // LogRecord { time_unix_nano 1, severity_number 2, severity_text 3, body 5, attributes 6, trace_id 9, span_id 10 }
    /// <summary>An ExportLogsServiceRequest whose records lie within <paramref name="spanNano"/> from <paramref name="startUnixNano"/> on.</summary>
    public static byte[] Write(ulong seed, long startUnixNano, long spanNano)
    {
        var chance = new Chance(seed);
        var writer = new ProtoWriter();
        int resourceLogs = writer.Begin(1), resource = writer.Begin(1);
        string service = chance.Pick(Shop.Services);
        writer.Attribute(1, "service.name", service);
        writer.Attribute(1, "service.version", "2.4.1");
        writer.Attribute(1, "service.instance.id", $"{service}-{chance.Below(4)}");
        writer.Attribute(1, "deployment.environment.name", "production");
        writer.End(resource);
        int scopeLogs = writer.Begin(2), scope = writer.Begin(1);
        writer.Text(1, $"Shop.{service}");
        writer.End(scope);
        for (int i = 0; i < Records; i++) Record(writer, chance, startUnixNano + spanNano * i / Records);
        writer.End(scopeLogs);
        writer.End(resourceLogs);
        return writer.ToArray();
    }

    private static void Record(ProtoWriter writer, Chance chance, long timeUnixNano)
    {
        var (severity, text, body) = Lines[chance.Happens(0.95) ? chance.Below(Lines.Length - 2) : Lines.Length - 1 - chance.Below(2)];
        int record = writer.Begin(2);
        writer.Fixed64(1, (ulong)timeUnixNano);
        writer.UInt(2, (ulong)severity);
        writer.Text(3, text);
        int value = writer.Begin(5);
        writer.Text(1, string.Format(CultureInfo.InvariantCulture, body, chance.Below(2_000), 100_000 + chance.Below(900_000), chance.Below(100_000), chance.Below(10_000)));
        writer.End(value);
        writer.Attribute(6, "code.function.name", $"Shop.Handler.{chance.Below(40)}");
        writer.Attribute(6, "thread.id", chance.Below(64));
        if (chance.Happens(1.0 / 3))
        {
            Span<byte> id = stackalloc byte[24];
            for (int at = 0; at < id.Length; at += 8) BinaryPrimitives.WriteUInt64LittleEndian(id[at..], chance.Next() | 1);
            writer.Bytes(9, id[..16]);
            writer.Bytes(10, id[16..]);
        }

        writer.End(record);
    }
}
