namespace Waybill.Ledger;

/// <summary>The part of an entry that can be forgotten: it is encrypted under the key of the person it is about. Without the key it is noise, and the entry's hash stays what it was.</summary>
/// <param name="Key">Names the key, not the person.</param>
/// <param name="Nonce">Base64.</param>
/// <param name="Text">Base64 of the ciphertext and its tag.</param>
public sealed record SealedPart(string Key, string Nonce, string Text);
