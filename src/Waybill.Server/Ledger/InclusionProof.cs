using System.Globalization;
using System.Text;

namespace Waybill.Ledger;

/// <summary>Shows that a ledger contains an entry, to whoever has the entry and the log's public key (C2SP tlog-proof).</summary>
/// <param name="Checkpoint">The signed checkpoint that the hashes lead to.</param>
public sealed record InclusionProof(long Index, IReadOnlyList<Digest> Hashes, string Checkpoint)
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const int HashesMax = 64;

    /// <returns>Null when the text is not a proof.</returns>
    public static InclusionProof? Parse(string text)
    {
        int end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0) return null;
        string[] lines = text[..end].Split('\n');
        int at = 1;
        if (lines[0] != Header) return null;
        if (at < lines.Length && lines[at].StartsWith("extra ", StringComparison.Ordinal)) at++;
        if (at >= lines.Length || !lines[at].StartsWith("index ", StringComparison.Ordinal)) return null;
        if (!long.TryParse(lines[at]["index ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long index)) return null;
        var hashes = new List<Digest>();
        foreach (string line in lines[(at + 1)..])
        {
            if (hashes.Count == HashesMax || !Digest.TryParseBase64(line, out Digest hash)) return null;
            hashes.Add(hash);
        }
        return new InclusionProof(index, hashes, text[(end + 2)..]);
    }

    /// <returns>Null when the entry is in the ledger; else why that is not shown.</returns>
    public string? Check(ReadOnlySpan<byte> entry, NoteKey key)
    {
        var (checkpoint, wrong) = Ledger.Checkpoint.Open(Checkpoint, key);
        if (checkpoint is null) return $"its checkpoint cannot be believed: {wrong}";
        return Proof.Includes(Index, checkpoint.Size, Digest.OfLeaf(entry), Hashes, checkpoint.Root) ? null : "the hashes do not lead from this entry to the checkpoint";
    }

    public override string ToString()
    {
        var text = new StringBuilder($"{Header}\n");
        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (Digest hash in Hashes) text.Append(hash.ToBase64()).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }
}
