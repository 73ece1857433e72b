using System.Globalization;
using System.Text;

namespace Waybill.Engine;

/// <summary>How ClickHouse (25.11 and later) ends an answer that fails after its 200 was sent.</summary>
/// <remarks>
/// The header <c>X-ClickHouse-Exception-Tag: TAG</c> announces it, the body then ends with
/// <c>\r\n__exception__\r\nTAG\r\nMESSAGE\nLENGTH TAG\r\n__exception__\r\n</c>, LENGTH being the bytes of MESSAGE. The tag is random, so data cannot hold it.
/// </remarks>
internal static class ExceptionFrame
{
    public const string TagHeader = "X-ClickHouse-Exception-Tag";

    /// <summary>Longest message, as MAX_EXCEPTION_SIZE of ClickHouse.</summary>
    public const int MessageBytesMax = 16 * 1024;

    private const string Marker = "\r\n__exception__\r\n";

    public static byte[] Head(string tag) => Encoding.ASCII.GetBytes($"{Marker}{tag}\r\n");

    private static byte[] Tail(int messageBytes, string tag) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n{messageBytes} {tag}{Marker}"));

    public static byte[] Write(string tag, string message)
    {
        byte[] text = Encoding.UTF8.GetBytes(message);
        if (text.Length > MessageBytesMax) text = text[..MessageBytesMax];
        return [.. Head(tag), .. text, .. Tail(text.Length, tag)];
    }

    /// <summary>The message of a frame from its head on; what is there of it when the connection broke inside.</summary>
    public static string ReadMessage(ReadOnlySpan<byte> frame, string tag)
    {
        var body = frame[Head(tag).Length..];
        int tail = body.LastIndexOf(Encoding.ASCII.GetBytes($" {tag}{Marker}"));
        if (tail < 0) return Encoding.UTF8.GetString(body);

        int line = body[..tail].LastIndexOf((byte)'\n');
        if (line < 0) return Encoding.UTF8.GetString(body[..tail]);

        bool counted = int.TryParse(body[(line + 1)..tail], CultureInfo.InvariantCulture, out int length) && length <= line;
        return Encoding.UTF8.GetString(counted ? body.Slice(line - length, length) : body[..line]);
    }
}
