using System.Text;

namespace Waybill.Fuzz;

/// <summary>Spoils the body of a valid request in one to four ways, the same for the same <see cref="Random"/>.</summary>
internal sealed class Mutation(Random random, byte[][] corpus)
{
    private const int BytesMax = 8 * 1024;

    /// <summary>Lies that parsers have fallen for: lengths, numbers and texts at the edges of what a type can say.</summary>
    private static readonly byte[][] ProtobufLies =
    [
        [0xff, 0xff, 0xff, 0xff, 0x07],                                     // a length of 0x7fffffff
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],       // 2^64 - 1
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // a varint of eleven bytes
        [0x80, 0x80, 0x80, 0x80, 0x00], [0x0a, 0x00], [0x0b], [0x0c], [0x00], [0xf8, 0xff, 0xff, 0xff, 0x0f],
        [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],         // not UTF-8, a surrogate, beyond Unicode
        [.. Enumerable.Repeat<byte[]>([0x2a, 0x7f, 0x0a, 0x7d], 40).SelectMany(bytes => bytes)],   // lists in lists
    ];

    private static readonly byte[][] JsonLies = [.. new[]
    {
        "1e999", "-1e999", "9223372036854775808", "18446744073709551616", "-1", "1.5", "\"1e3\"", "null", "true", "[]", "{}", "\"\"", "NaN", "\"NaN\"", "\"Infinity\"", "\"\\ud800\"",
        "\"\\u0000\"", "\uFEFF", ",", ":", "}", "]", "\"", "\\", "\"zz\"", "\"0123456789abcdef0123456789abcdeX\"", "/*", "//", "\"traceId\":1,", "\"resourceSpans\":[",
        new string('[', 300), string.Concat(Enumerable.Repeat("{\"a\":", 300)), string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", 80)),
    }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Mostly one change: what is wrong in many places is refused at the first.</summary>
    /// <param name="json">Whether lies are told in JSON's words.</param>
    public byte[] Next(bool json)
    {
        var bytes = new List<byte>(corpus[random.Next(corpus.Length)]);
        for (int changes = Math.Max(1, random.Next(8) - 3); changes > 0; changes--) Spoil(bytes, json ? JsonLies : ProtobufLies);
        if (bytes.Count > BytesMax) bytes.RemoveRange(BytesMax, bytes.Count - BytesMax);
        return [.. bytes];
    }

    private void Spoil(List<byte> bytes, byte[][] lies)
    {
        int at = random.Next(bytes.Count + 1), length = Math.Min(random.Next(1, 1 << random.Next(1, 8)), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < bytes.Count: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes.InsertRange(at, lies[random.Next(lies.Length)]); break;
            case 3 when length > 0:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, lies[random.Next(lies.Length)]);
                break;
            case 4: bytes.RemoveRange(at, length); break;
            case 5: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 6: bytes.RemoveRange(at, bytes.Count - at); break;
            case 7:
                byte[] other = corpus[random.Next(corpus.Length)];
                int from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, length * 4)).ToArray());
                break;
        }
    }
}
