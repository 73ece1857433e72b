using System.Globalization;
using System.Net;
using System.Text;

namespace Waybill.Ledger;

/// <summary>A witness and how to reach it.</summary>
/// <param name="Url">What <c>/add-checkpoint</c> is appended to.</param>
public sealed record KnownWitness(Uri Url, NoteKey Key)
{
    /// <summary>Reads <c>URL KEY</c>.</summary>
    public static KnownWitness? Parse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var url, var key] && Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"
            && NoteKey.TryParse(key, out NoteKey? known) && known!.Cosigns ? new KnownWitness(parsed, known) : null;
}

/// <summary>Shows a log's checkpoint to a witness.</summary>
public static class WitnessClient
{
    private const int AnswerBytesMax = 64 * 1024;

    /// <summary>Asks for a cosignature; begins where the witness says it stands.</summary>
    /// <param name="note">The log's signed checkpoint.</param>
    /// <param name="old">The size that the witness has signed last, as far as is known.</param>
    /// <returns>The cosignature's line, checked; or what went wrong.</returns>
    public static async Task<(string? Line, string? Wrong)> Submit(HttpClient http, KnownWitness witness, string note, MerkleTree tree, long old, CancellationToken cancel)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (old > tree.Size) return (null, $"it has signed {old} entries of this log, which has {tree.Size}: the log was put back, or forked");
            IEnumerable<string> proof = old == 0 || old == tree.Size ? [] : tree.ProveConsistency(old).Select(hash => hash.ToBase64() + "\n");
            using var content = new StringContent(string.Create(CultureInfo.InvariantCulture, $"old {old}\n{string.Concat(proof)}\n{note}"), Encoding.UTF8, "text/plain");
            using HttpResponseMessage answer = await http.PostAsync(new Uri(witness.Url, "add-checkpoint"), content, cancel);
            if (answer.Content.Headers.ContentLength > AnswerBytesMax) return (null, "its answer is too large");
            string text = await answer.Content.ReadAsStringAsync(cancel);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK:
                    SignedNote signed = SignedNote.Parse(note)!;
                    foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                        if (SignedNote.Parse($"{signed.Text}\n{line}\n") is { } cosigned && cosigned.IsSignedBy(witness.Key)) return (line + "\n", null);
                    return (null, "it answered without a valid signature of its key");
                case HttpStatusCode.Conflict when attempt == 0 && long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long stands) && stands != old:
                    old = stands;
                    continue;
                default:
                    return (null, $"it answered {(int)answer.StatusCode}: {Web.Problems.Shorten(text.Trim())}");
            }
        }
        return (null, "it does not say where it stands");
    }
}
