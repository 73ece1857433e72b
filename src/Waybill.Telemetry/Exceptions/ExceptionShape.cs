using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Waybill.Exceptions;

/// <summary>What two exceptions must have in common to be of one group: their type, and where they were thrown or, without a stack, what they say.</summary>
/// <param name="Frames">Normalised, from the place of the throw outwards.</param>
/// <param name="Culprit">The first frame that is not of the platform; the first of all when all are; empty without a stack.</param>
public sealed partial record ExceptionShape(string Type, IReadOnlyList<string> Frames, string Culprit, string Message)
{
    private const int MessageCharsMax = 200, FramesHashed = 20;

    /// <param name="type">As sent; when empty it is taken from the first line of the stack.</param>
    public static ExceptionShape Of(string type, string message, string stack)
    {
        List<string> frames = StackFrames.Read(stack);
        if (type.Length == 0) type = FirstLineType().Match(stack) is { Success: true } first ? first.Groups["type"].Value : "unknown";
        string culprit = frames.Find(frame => !StackFrames.IsPlatform(frame)) ?? frames.FirstOrDefault("");
        return new ExceptionShape(type, frames, culprit, Normalise(message));
    }

    /// <summary>The group's id: the first 64 bits of a SHA-256. Frames of the platform count only when there are no others, so that an update of it makes no new groups.</summary>
    public ulong GroupOf(string service)
    {
        // Logs of .NET name a type without its namespace, spans with it: it is the same exception.
        var said = new StringBuilder(service).Append('\0').Append(Type.AsSpan(Type.LastIndexOf('.') + 1)).Append('\0');
        List<string> own = [.. Frames.Where(frame => !StackFrames.IsPlatform(frame)).Take(FramesHashed)];
        IEnumerable<string> counted = own.Count > 0 ? own : Frames.Take(FramesHashed);
        if (Frames.Count == 0) said.Append(Message);
        else said.AppendJoin('\n', counted);
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(said.ToString())));
    }

    /// <summary>A message without what differs from one occurrence to the next: ids, numbers, quoted values.</summary>
    internal static string Normalise(string message)
    {
        int end = message.AsSpan().IndexOfAny('\r', '\n');
        string line = end >= 0 ? message[..end] : message;
        line = Varying().Replace(line.Length > 2 * MessageCharsMax ? line[..(2 * MessageCharsMax)] : line, "#");
        return line.Length > MessageCharsMax ? line[..MessageCharsMax] : line;
    }

    [GeneratedRegex("""^(?<type>[A-Za-z_][A-Za-z0-9_.$:+]*(Exception|Error|Throwable|Panic|Fault)[A-Za-z0-9_]*)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FirstLineType();

    // Quoted values, UUIDs, hexadecimal ids, e-mail addresses, addresses, numbers.
    [GeneratedRegex("""'[^']{1,200}'|"[^"]{1,200}"|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|0x[0-9a-fA-F]+|[0-9a-fA-F]{12,64}|[^\s@]+@[^\s@]+|[0-9]+([.:,/][0-9]+)*""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Varying();
}
