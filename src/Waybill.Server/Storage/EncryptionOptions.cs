using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Encryption;

namespace Waybill.Storage;

/// <summary>
/// Encryption of what lies in the data directory: tables of the embedded engine, spool and ledger. Section <c>Encryption</c>; read once, checked at start. Without a key
/// nothing is encrypted. A key is 32 random bytes, raw or as hex or base64: <c>openssl rand -hex 32</c>.
/// </summary>
public sealed class EncryptionOptions
{
    /// <summary>File with the key. Keep it off the disk that it protects.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The key itself, from the environment (<c>WAYBILL_ENCRYPTION__KEY</c>) where there are no files for secrets.</summary>
    public Secret? Key { get; set; }

    /// <summary>Files with earlier keys: what was written under them is still read. Default none.</summary>
    public string[] OldKeyFiles { get; set; } = [];

    /// <exception cref="OptionsValidationException">A key cannot be read.</exception>
    internal DataAtRest Open(StorageOptions storage)
    {
        if (KeyFile is not null && Key is not null) throw Wrong("Encryption:KeyFile and Encryption:Key are both given. Take one out.");
        DataKey? current = KeyFile is not null ? Read("Encryption:KeyFile", KeyFile, storage) : Key is not null ? Parse("Encryption:Key", Key.RevealBytes()) : null;
        if (current is null && OldKeyFiles.Length > 0) throw Wrong("Encryption:OldKeyFiles is given, but no key for what is written now. Give Encryption:KeyFile too.");
        return DataAtRest.Open(storage.Directory, current, [.. OldKeyFiles.Select(path => Read("Encryption:OldKeyFiles", path, storage))], storage.Url is null ? Path.Combine(storage.EngineDirectory, "store") : "");
    }

    private static DataKey Read(string setting, string path, StorageOptions storage)
    {
        string full = Path.GetFullPath(path);
        if (full.StartsWith(Path.GetFullPath(storage.Directory).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw Wrong($"{setting}: {full} lies in the data directory that it is to protect: who has one has both. Keep it elsewhere.");
        try
        {
            return Parse($"{setting}: {full}", File.ReadAllBytes(full));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{setting}: {full} cannot be read: {e.Message}");
        }
    }

    private static DataKey Parse(string what, byte[] bytes) =>
        DataKey.Read(bytes) ?? throw Wrong($"{what} is not a key: expected {DataKey.Bytes} bytes, raw or as hex or base64. 'openssl rand -hex 32' makes one.");

    private static OptionsValidationException Wrong(string message) => new("Encryption", typeof(EncryptionOptions), [message]);
}
