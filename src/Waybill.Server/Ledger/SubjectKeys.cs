using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waybill.Spool;

namespace Waybill.Ledger;

/// <summary>
/// The keys of the persons that entries are about: one small file each, named by an HMAC of the person's name, so that the folder tells nobody who is in the
/// ledger. Who removes a file has forgotten the person: the entries and their proofs stay, their resource and detail cannot be read any more.
/// </summary>
public sealed class SubjectKeys
{
    private const int KeyBytes = 32, NonceBytes = 12, TagBytes = 16, ContentBytesMax = 28_000;   // in base64 it must fit into an entry
    private const string NamingKey = "naming.key";

    private readonly string _directory;
    private readonly byte[] _naming;
    private readonly Lock _lock = new();

    /// <summary>What is sealed of an entry.</summary>
    private sealed record Content(string Resource, JsonElement? Detail);

    public SubjectKeys(string directory)
    {
        _directory = directory;
        Disk.CreateDirectory(directory);
        string naming = Path.Combine(directory, NamingKey);
        _naming = File.Exists(naming) ? File.ReadAllBytes(naming) : Make(naming);
        if (_naming.Length != KeyBytes) throw new IOException($"{naming} has {_naming.Length} bytes instead of {KeyBytes}. Put the right file back: without it no person's entries are found again.");
    }

    /// <summary>The name of a person's key.</summary>
    public string KeyOf(string subject) => Convert.ToHexStringLower(HMACSHA256.HashData(_naming, Encoding.UTF8.GetBytes(subject)).AsSpan(0, 16));

    /// <summary>Moves an entry's resource and detail under the person's key, which is made at the first time.</summary>
    public LedgerEntry Seal(LedgerEntry entry, string subject)
    {
        string name = KeyOf(subject);
        byte[] key;
        lock (_lock) key = Read(name) ?? Make(PathOf(name));
        var content = new Content(LedgerEntry.Cut(entry.Resource), entry.Detail);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(content, LedgerEntry.Form);
        if (text.Length > ContentBytesMax) text = JsonSerializer.SerializeToUtf8Bytes(content with { Detail = LedgerEntry.Omitted(text.Length) }, LedgerEntry.Form);
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes), sealedText = new byte[text.Length + TagBytes];
        using (var aes = new AesGcm(key, TagBytes)) aes.Encrypt(nonce, text, sealedText.AsSpan(0, text.Length), sealedText.AsSpan(text.Length), Encoding.ASCII.GetBytes(name));
        CryptographicOperations.ZeroMemory(key);
        return entry with { Resource = "", Detail = null, Sealed = new SealedPart(name, Convert.ToBase64String(nonce), Convert.ToBase64String(sealedText)) };
    }

    /// <summary>The entry as it was before it was sealed; null when the key is gone, or the text is not what was sealed.</summary>
    public LedgerEntry? Open(LedgerEntry entry)
    {
        if (entry.Sealed is not { } part) return entry;
        byte[]? key;
        lock (_lock) key = IsName(part.Key) ? Read(part.Key) : null;
        if (key is null) return null;
        try
        {
            byte[] sealedText = Convert.FromBase64String(part.Text), text = new byte[Math.Max(0, sealedText.Length - TagBytes)];
            using (var aes = new AesGcm(key, TagBytes)) aes.Decrypt(Convert.FromBase64String(part.Nonce), sealedText.AsSpan(0, text.Length), sealedText.AsSpan(text.Length), text, Encoding.ASCII.GetBytes(part.Key));
            Content? content = JsonSerializer.Deserialize<Content>(text, LedgerEntry.Form);
            return content is null ? null : entry with { Resource = content.Resource, Detail = content.Detail };
        }
        catch (Exception e) when (e is CryptographicException or FormatException or JsonException or ArgumentException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Whether there is something of the person's that can be read.</summary>
    public bool Has(string subject)
    {
        lock (_lock) return File.Exists(PathOf(KeyOf(subject)));
    }

    /// <summary>Forgets a person: overwrites the key and removes it. Copies of the folder, such as backups, must be dealt with by who made them.</summary>
    /// <returns>False when there was none.</returns>
    public bool Erase(string subject)
    {
        lock (_lock)
        {
            string path = PathOf(KeyOf(subject));
            if (!File.Exists(path)) return false;
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
            {
                RandomAccess.Write(file, new byte[KeyBytes], 0);
                Disk.SyncFile(file);
            }
            File.Delete(path);
            Disk.SyncDirectory(_directory);
            return true;
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, name + ".key");

    private static bool IsName(string name) => name.Length == 32 && name.All(char.IsAsciiHexDigitLower);

    private byte[]? Read(string name)
    {
        string path = PathOf(name);
        if (!File.Exists(path)) return null;
        byte[] key = File.ReadAllBytes(path);
        // Zeros: an erasure that a power cut ended between its two steps.
        return key.Length == KeyBytes && key.AsSpan().ContainsAnyExcept((byte)0) ? key : null;
    }

    private byte[] Make(string path)
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path + ".new", create))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
        Disk.SyncDirectory(_directory);
        return key;
    }
}
