using System.Globalization;

namespace Waybill.Ledger;

/// <summary>What a log says of itself: so many entries, with this root (C2SP tlog-checkpoint). Worth what its signatures are worth.</summary>
/// <param name="Origin">Names the log for ever.</param>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    public static Checkpoint? Parse(string text)
    {
        string[] lines = text.Split('\n');
        if (lines.Length < 4 || lines[0].Length == 0) return null;
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size) || lines[1] != size.ToString(CultureInfo.InvariantCulture)) return null;
        return Digest.TryParseBase64(lines[2], out Digest root) ? new Checkpoint(lines[0], size, root) : null;
    }

    /// <summary>Reads a signed checkpoint and checks who it is from.</summary>
    /// <returns>Null and why, when it is not a checkpoint of that key's log.</returns>
    public static (Checkpoint? Checkpoint, string? Wrong) Open(string note, NoteKey key)
    {
        if (SignedNote.Parse(note) is not { } signed) return (null, "it is not a signed note");
        if (Parse(signed.Text) is not { } checkpoint) return (null, "it is not a checkpoint: expected origin, size and root, a line each");
        if (checkpoint.Origin != key.Name) return (null, $"it is of the log '{checkpoint.Origin}', and the key is of '{key.Name}'");
        return signed.IsSignedBy(key) ? (checkpoint, null) : (null, $"it has no valid signature of {key.Name}+{key.Id:x8}");
    }

    public string Signed(NoteSigner signer) => new SignedNote(ToString(), [signer.Sign(ToString())]).ToString();

    /// <summary>The text that is signed.</summary>
    public override string ToString() => $"{Origin}\n{Size.ToString(CultureInfo.InvariantCulture)}\n{Root.ToBase64()}\n";
}
