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
/// <param name="Action">What was done, noun first: <c>traces.read</c>, <c>rules.change</c>, <c>token.create</c>, <c>user.sign-in</c>.</param>
/// <param name="Resource">What it was done to: a trace id, a rule's name, a query.</param>
/// <param name="Outcome">done, refused or failed.</param>
/// <param name="TraceId">The trace that the act belongs to or concerns.</param>
/// <param name="Detail">More about it: a before and after, a reason, a count.</param>
/// <param name="Sealed">Resource and detail, when they are about a person who may ask to be forgotten; both are empty then.</param>
public sealed record LedgerEntry(
    long TimeUnixNano, string Tenant, Actor Actor, string Action, string Resource, string Outcome = "done", string? TraceId = null, JsonElement? Detail = null, SealedPart? Sealed = null)
{
    /// <summary>Characters of a text; longer ones are cut, and say so. All of them together stay below what an entry may have.</summary>
    private const int ResourceMax = 4_096, NameMax = 1_000, ActionMax = 200, BytesMax = 60_000;

    public static readonly JsonSerializerOptions Form = new()
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
            Resource = Cut(Resource, ResourceMax),
            Action = Cut(Action, ActionMax),
            Actor = new Actor(Actor.Kind, Cut(Actor.Id, NameMax), Actor.Address is { } address ? Cut(address, NameMax) : null, Actor.Session is { } session ? Cut(session, NameMax) : null),
        };
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(bounded, Form);
        return bytes.Length <= BytesMax ? bytes : JsonSerializer.SerializeToUtf8Bytes(bounded with { Detail = Omitted(bytes.Length) }, Form);
    }

    /// <summary>Stands where a detail was too large.</summary>
    internal static JsonElement Omitted(int bytes) => JsonSerializer.SerializeToElement(new { omitted = true, bytes });

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

    internal static string Cut(string text, int max = ResourceMax) => text.Length <= max ? text : $"{text[..max]}… ({text.Length} characters)";
}
