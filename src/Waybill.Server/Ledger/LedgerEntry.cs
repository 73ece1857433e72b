using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Waybill.Ledger;

/// <summary>Who did it.</summary>
/// <param name="Kind">user, token, agent, system, or external for who is known only by another system's word.</param>
/// <param name="Id">The user's or token's name; never a secret.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="Session">The sign-in that it belongs to.</param>
public sealed record Actor(string Kind, string Id, string? Address = null, string? Session = null)
{
    /// <summary>Waybill itself, when nobody asked it to.</summary>
    public static Actor System { get; } = new("system", "waybill");
}

/// <summary>One act, as it is written down for ever. What is in it must be redacted before: nothing can be taken out again.</summary>
/// <param name="TimeUnixNano">When it was done.</param>
/// <param name="Act">What was done, noun first: <c>trace.read</c>, <c>rule.change</c>, <c>token.create</c>, <c>sign-in</c>.</param>
/// <param name="Subject">What it was done to: a trace id, a rule's name, a query.</param>
/// <param name="Outcome">done, refused or failed.</param>
/// <param name="TraceId">The trace that the act belongs to or concerns.</param>
/// <param name="Detail">More about it: a before and after, a reason, a count.</param>
public sealed record LedgerEntry(
    long TimeUnixNano, string Tenant, Actor Actor, string Act, string Subject, string Outcome = "done", string? TraceId = null, JsonElement? Detail = null)
{
    /// <summary>Characters of a text; longer ones are cut, and say so.</summary>
    private const int TextMax = 4_096, DetailBytesMax = 48 * 1024;

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // entries are read by people; they are never put into a page as markup
        NumberHandling = JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString,
    };

    /// <summary>The bytes that are hashed and kept.</summary>
    public byte[] ToBytes()
    {
        LedgerEntry bounded = this with
        {
            Subject = Cut(Subject),
            Act = Cut(Act),
            Actor = Actor with { Id = Cut(Actor.Id) },
            Detail = Detail is { } detail && detail.GetRawText().Length > DetailBytesMax ? JsonSerializer.SerializeToElement(new { cut = true, characters = detail.GetRawText().Length }) : Detail,
        };
        return JsonSerializer.SerializeToUtf8Bytes(bounded, Form);
    }

    /// <returns>Null when the bytes are not an entry.</returns>
    public static LedgerEntry? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<LedgerEntry>(bytes, Form);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Cut(string text) => text.Length <= TextMax ? text : $"{text[..TextMax]}… ({text.Length} characters)";
}
