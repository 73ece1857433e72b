namespace Waybill.Redaction;

/// <summary>What happens to what was found.</summary>
public enum RedactionAction : byte
{
    /// <summary>Nothing: an exception from later rules.</summary>
    Keep,
    /// <summary>The attribute is left out and counted as dropped; elsewhere the text is emptied.</summary>
    Drop,
    /// <summary>Letters and digits become <c>*</c>; length, spaces and signs stay.</summary>
    Mask,
    /// <summary>A keyed HMAC-SHA256, cut to 64 bits: equal values stay equal, and none can be guessed without the key.</summary>
    Hash,
    /// <summary>Only the beginning stays.</summary>
    Truncate,
    /// <summary>A fixed text.</summary>
    Replace,
}

/// <summary>What was decided for one detector or key, and by which rule.</summary>
/// <param name="LengthMax">Characters that <see cref="RedactionAction.Truncate"/> leaves.</param>
/// <param name="Replacement">What <see cref="RedactionAction.Replace"/> writes; null for <c>[redacted:detector]</c>.</param>
public sealed record Verdict(RedactionAction Action, string Rule, int LengthMax = 0, byte[]? Replacement = null);
