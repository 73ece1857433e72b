using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Waybill.Spool;

namespace Waybill.Ledger;

/// <summary>What a witness answers.</summary>
public sealed record WitnessAnswer(int Status, string Text, string ContentType = "text/plain; charset=utf-8");

/// <summary>
/// Cosigns checkpoints of other logs (C2SP tlog-witness): of each it remembers the largest it has signed, and signs only what contains that. Who has its signature
/// knows that nobody was shown another log.
/// </summary>
/// <remarks>
/// Key and memory are in one folder, because a witness that forgot would sign a fork: with the memory lost it does not start, and a new key makes it a new witness.
/// </remarks>
public sealed class Witness
{
    private const int ProofMax = 63, BodyCharsMax = 64 * 1024;
    private const string KeyName = "witness.key", StateName = "state";

    private readonly string _directory;
    private readonly NoteSigner _signer;
    private readonly IReadOnlyDictionary<string, NoteKey> _logs;
    private readonly Dictionary<string, Checkpoint> _seen = [];
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();

    /// <param name="name">The key's name, for ever; null for one made of the key.</param>
    /// <param name="logs">The keys of the logs it knows.</param>
    /// <exception cref="IOException">Its memory is lost, or is not what it wrote.</exception>
    public Witness(string directory, string? name, IEnumerable<NoteKey> logs, TimeProvider clock)
    {
        (_directory, _logs, _clock) = (directory, logs.ToDictionary(log => log.Name), clock);
        Disk.CreateDirectory(directory);
        string path = Path.Combine(directory, KeyName), state = Path.Combine(directory, StateName);
        if (!File.Exists(path))
        {
            Write(StateName, "");
            Write(KeyName, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize)));
        }
        else if (!File.Exists(state)) throw new IOException($"The witness has lost what it has signed: {state} is missing. It must not sign any more; remove {path} to make a new witness, with a new key.");
        byte[] seed = Convert.FromHexString(File.ReadAllText(path).Trim());
        byte[] publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        _signer = new NoteSigner(name ?? $"waybill-witness/{Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 8))}", seed, cosigns: true);
        foreach (string line in File.ReadAllLines(state))
        {
            string[] parts = line.Split(' ');
            if (parts.Length != 3 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size) || !Digest.TryParseBase64(parts[2], out Digest root))
                throw new IOException($"{state} is not what a witness wrote: '{line}'.");
            _seen[parts[0]] = new Checkpoint(parts[0], size, root);
        }
    }

    /// <summary>What its cosignatures are checked with.</summary>
    public NoteKey Key => _signer.Key;

    /// <summary>Answers a request to <c>add-checkpoint</c>.</summary>
    public WitnessAnswer AddCheckpoint(string body)
    {
        if (body.Length > BodyCharsMax || Read(body) is not var (old, proof, note)) return new(400, "Expected: old SIZE, a line a hash of the consistency proof, an empty line, and the checkpoint.\n");
        if (SignedNote.Parse(note) is not { } signed || Checkpoint.Parse(signed.Text) is not { } checkpoint) return new(400, "The checkpoint is not a signed note with origin, size and root.\n");
        if (!_logs.TryGetValue(checkpoint.Origin, out NoteKey? key)) return new(404, "This witness does not know the log.\n");
        if (!signed.IsSignedBy(key)) return new(403, "The checkpoint has no valid signature of the log's key.\n");
        if (old > checkpoint.Size) return new(400, "old is larger than the checkpoint's size.\n");
        lock (_lock)
        {
            Checkpoint? seen = _seen.GetValueOrDefault(checkpoint.Origin);
            if (old != (seen?.Size ?? 0)) return new(409, $"{seen?.Size ?? 0}\n", "text/x.tlog.size");
            if (seen is not null && seen.Size == checkpoint.Size && seen.Root != checkpoint.Root) return new(409, $"{seen.Size}\n", "text/x.tlog.size");
            bool consistent = old == 0 || seen!.Size == 0 ? proof.Count == 0 : Proof.IsConsistent(old, checkpoint.Size, proof, seen.Root, checkpoint.Root);
            if (!consistent) return new(422, "The proof does not show that the log contains what this witness has signed.\n");
            var next = new Dictionary<string, Checkpoint>(_seen) { [checkpoint.Origin] = checkpoint };
            Write(StateName, string.Concat(next.Values.OrderBy(of => of.Origin, StringComparer.Ordinal).Select(of => string.Create(CultureInfo.InvariantCulture, $"{of.Origin} {of.Size} {of.Root.ToBase64()}\n"))));
            _seen[checkpoint.Origin] = checkpoint;
            return new(200, _signer.Cosign(signed.Text, _clock.GetUtcNow()));
        }
    }

    private static (long Old, List<Digest> Proof, string Note)? Read(string body)
    {
        int end = body.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0) return null;
        string[] lines = body[..end].Split('\n');
        if (lines.Length > ProofMax + 1 || !lines[0].StartsWith("old ", StringComparison.Ordinal) || !long.TryParse(lines[0][4..], NumberStyles.None, CultureInfo.InvariantCulture, out long old)) return null;
        var proof = new List<Digest>();
        foreach (string line in lines[1..])
        {
            if (!Digest.TryParseBase64(line, out Digest hash)) return null;
            proof.Add(hash);
        }
        return (old, proof, body[(end + 2)..]);
    }

    /// <summary>A power cut leaves the old file or the new one.</summary>
    private void Write(string name, string text)
    {
        string path = Path.Combine(_directory, name), making = path + ".new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(making, create))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(making, path, overwrite: true);
        Disk.SyncDirectory(_directory);
    }
}
