using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Waybill.Ledger;

/// <summary>A public key that signs notes. Text form (C2SP signed-note): <c>name+8 hex digits of the key id+base64 of type and key</c>.</summary>
public sealed record NoteKey
{
    private const byte TypeEd25519 = 1, TypeCosignature = 4;
    private readonly byte[] _public;

    public NoteKey(string name, ReadOnlySpan<byte> publicKey, bool cosigns = false)
    {
        if (!IsName(name)) throw new ArgumentException("A key's name is not empty and has no space and no +.", nameof(name));
        if (publicKey.Length != Ed25519.PublicKeySize) throw new ArgumentException($"An Ed25519 key has {Ed25519.PublicKeySize} bytes.", nameof(publicKey));
        (Name, Cosigns, _public) = (name, cosigns, publicKey.ToArray());
        byte type = cosigns ? TypeCosignature : TypeEd25519;
        Id = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. _public]));
    }

    public string Name { get; }

    /// <summary>Whether it signs with a time what another log has signed: a witness.</summary>
    public bool Cosigns { get; }

    public uint Id { get; }

    public static bool TryParse(string text, out NoteKey? key)
    {
        key = null;
        string[] parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0])) return false;
        byte[] typed = new byte[Ed25519.PublicKeySize + 1];
        if (!Convert.TryFromBase64String(parts[2], typed, out int length) || length != typed.Length || typed[0] is not (TypeEd25519 or TypeCosignature)) return false;
        var parsed = new NoteKey(parts[0], typed.AsSpan(1), typed[0] == TypeCosignature);
        if (!string.Equals(parts[1], $"{parsed.Id:x8}", StringComparison.Ordinal)) return false;
        key = parsed;
        return true;
    }

    internal bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!Cosigns) return signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature.ToArray(), 0, _public, 0, message.ToArray(), 0, message.Length);
        if (signature.Length != sizeof(ulong) + Ed25519.SignatureSize) return false;
        byte[] timed = Cosigned(BinaryPrimitives.ReadUInt64BigEndian(signature), message);
        return Ed25519.Verify(signature[sizeof(ulong)..].ToArray(), 0, _public, 0, timed, 0, timed.Length);
    }

    /// <summary>What a witness signs: C2SP tlog-cosignature v1.</summary>
    internal static byte[] Cosigned(ulong unixSeconds, ReadOnlySpan<byte> note) => [.. Encoding.ASCII.GetBytes($"cosignature/v1\ntime {unixSeconds}\n"), .. note];

    private static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || c == '+');

    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([Cosigns ? TypeCosignature : TypeEd25519, .. _public])}";
}

/// <summary>The secret half of a <see cref="NoteKey"/>. Never prints.</summary>
public sealed class NoteSigner
{
    private readonly byte[] _secret;

    /// <param name="seed">32 secret bytes.</param>
    public NoteSigner(string name, ReadOnlySpan<byte> seed, bool cosigns = false)
    {
        if (seed.Length != Ed25519.SecretKeySize) throw new ArgumentException($"A seed has {Ed25519.SecretKeySize} bytes.", nameof(seed));
        _secret = seed.ToArray();
        byte[] publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_secret, 0, publicKey, 0);
        Key = new NoteKey(name, publicKey, cosigns);
    }

    public NoteKey Key { get; }

    /// <summary>The line that signs a note's text.</summary>
    public string Sign(string text)
    {
        if (Key.Cosigns) throw new InvalidOperationException("A witness signs with a time.");
        return Line([], Sign(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The line by which a witness says that it saw the note at this time.</summary>
    public string Cosign(string text, DateTimeOffset at)
    {
        ulong seconds = (ulong)at.ToUnixTimeSeconds();
        byte[] time = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(time, seconds);
        return Line(time, Sign(NoteKey.Cosigned(seconds, Encoding.UTF8.GetBytes(text))));
    }

    private byte[] Sign(byte[] message)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_secret, 0, message, 0, message.Length, signature, 0);
        return signature;
    }

    private string Line(byte[] time, byte[] signature)
    {
        byte[] id = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(id, Key.Id);
        return $"— {Key.Name} {Convert.ToBase64String([.. id, .. time, .. signature])}\n";
    }

    public override string ToString() => $"signer of {Key.Name}";
}

/// <summary>A text with signatures (C2SP signed-note): text, an empty line, and one line a signature.</summary>
/// <param name="Text">Ends with a line end.</param>
/// <param name="Signatures">Whole lines, each with its line end.</param>
public sealed record SignedNote(string Text, IReadOnlyList<string> Signatures)
{
    private const int BytesMax = 64 * 1024, SignaturesMax = 64;

    /// <returns>Null when it is not a note: no signature, control characters, or larger than 64 KiB.</returns>
    public static SignedNote? Parse(string note)
    {
        if (note.Length > BytesMax || note.Any(c => c < ' ' && c != '\n') || !note.EndsWith('\n')) return null;
        int end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || end + 2 >= note.Length) return null;
        string[] lines = note[(end + 2)..^1].Split('\n');
        if (lines.Length > SignaturesMax || lines.Any(line => !line.StartsWith("— ", StringComparison.Ordinal) || line.Split(' ').Length != 3)) return null;
        return new SignedNote(note[..(end + 1)], [.. lines.Select(line => line + "\n")]);
    }

    /// <summary>Whether the key signed it. A signature in the key's name that is wrong spoils the note, whatever else is there.</summary>
    public bool IsSignedBy(NoteKey key)
    {
        bool signed = false;
        byte[] text = Encoding.UTF8.GetBytes(Text);
        foreach (string line in Signatures)
        {
            string[] parts = line.TrimEnd('\n').Split(' ');
            byte[] blob = new byte[parts[2].Length];
            if (parts[1] != key.Name || !Convert.TryFromBase64String(parts[2], blob, out int length) || length < sizeof(uint)) continue;
            if (BinaryPrimitives.ReadUInt32BigEndian(blob) != key.Id) continue;
            if (!key.Verifies(text, blob.AsSpan(sizeof(uint), length - sizeof(uint)))) return false;
            signed = true;
        }
        return signed;
    }

    public override string ToString() => $"{Text}\n{string.Concat(Signatures)}";
}
