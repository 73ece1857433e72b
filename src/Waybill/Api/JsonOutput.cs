using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Terminal;

namespace Waybill.Api;

/// <summary>JSON on standard output, always one document and a line end.</summary>
internal static class JsonOutput
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// Passes the server's JSON on. Characters that a terminal would act on become escapes of the same JSON: outside of ASCII they
    /// can only stand in strings, where <c>\u202e</c> means the same.
    /// </summary>
    public static async Task Copy(Stream json, Stream target, CancellationToken cancel)
    {
        using var reader = new StreamReader(json, Utf8, detectEncodingFromByteOrderMarks: false, bufferSize: 32 * 1024, leaveOpen: true);
        await using var writer = new StreamWriter(target, Utf8, bufferSize: 32 * 1024, leaveOpen: true);
        char[] read = new char[16 * 1024];
        char high = '\0';
        for (int length; (length = await reader.ReadAsync(read, cancel)) > 0;)
            for (int i = 0; i < length; i++)
            {
                char c = read[i];
                if (char.IsHighSurrogate(c)) high = c;
                else if (char.IsLowSurrogate(c)) Write(writer, new Rune(high, c));
                else if (c < 0x7F) writer.Write(c);
                else Write(writer, new Rune(c));
            }
        await writer.WriteLineAsync();
        await writer.FlushAsync(cancel);
    }

    public static async Task Copy(Stream json, CancellationToken cancel)
    {
        await using Stream output = Console.OpenStandardOutput();
        await Copy(json, output, cancel);
    }

    /// <summary>Writes a command's own answer.</summary>
    public static void Write(Action<Utf8JsonWriter> write)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true })) write(json);
        output.WriteByte((byte)'\n');
    }

    /// <summary>Writes one document on one line: an item of an answer that a program reads line by line.</summary>
    public static void WriteLine(Action<Utf8JsonWriter> write)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output)) write(json);
        output.WriteByte((byte)'\n');
    }

    public static void WriteLine(JsonElement item) => WriteLine(item.WriteTo);

    private static void Write(StreamWriter writer, Rune rune)
    {
        if (Visible.IsHarmless(rune))
        {
            Span<char> units = stackalloc char[2];
            writer.Write(units[..rune.EncodeToUtf16(units)]);
            return;
        }
        foreach (char unit in rune.ToString()) writer.Write($"\\u{(int)unit:x4}");
    }
}
