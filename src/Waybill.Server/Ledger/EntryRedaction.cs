using System.Text.Json;
using Waybill.Redaction;

namespace Waybill.Ledger;

/// <summary>The door of redaction that every entry passes: what is written here can never be taken out again.</summary>
/// <remarks>Our own identities stay readable, they are what the ledger is for; those that other systems name are redacted like everything they send.</remarks>
public sealed class EntryRedaction(Redactor redactor, RedactionOptions options)
{
    public const string External = "external";

    public LedgerEntry Redact(LedgerEntry entry)
    {
        if (!options.Enabled) return entry;
        return entry with
        {
            Action = Text(entry.Action, "action"),
            Resource = Text(entry.Resource, "resource"),
            Detail = entry.Detail is { } detail ? Json(detail) : null,
            Actor = entry.Actor.Kind == External ? Redact(entry.Actor) : entry.Actor,
        };
    }

    /// <summary>What a name would be written down as, so that it can be asked for as one knows it.</summary>
    public string Text(string text, string key) => options.Enabled ? redactor.Redact(text, new TextContext(RedactedSignal.Audit, Key: key)) : text;

    private Actor Redact(Actor actor) => actor with
    {
        Id = Text(actor.Id, "actor"),
        Address = actor.Address is { } address ? Text(address, "address") : null,
        Session = actor.Session is { } session ? Text(session, "session.id") : null,
    };

    private JsonElement Json(JsonElement detail)
    {
        byte[] redacted = redactor.RedactJson(JsonSerializer.SerializeToUtf8Bytes(detail, LedgerEntry.Form), new TextContext(RedactedSignal.Audit));
        if (redacted.Length == 0) return JsonSerializer.SerializeToElement(new { dropped = true });
        using var document = JsonDocument.Parse(redacted);
        return document.RootElement.Clone();
    }
}
