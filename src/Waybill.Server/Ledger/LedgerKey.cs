using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Waybill.Ledger;

/// <summary>The key that signs checkpoints: made once, kept in a file that only we may read, its public half beside it.</summary>
internal static class LedgerKey
{
    /// <exception cref="IOException">The file is there, but not ours to read, or not 32 bytes.</exception>
    public static NoteSigner Load(string path, string? origin)
    {
        byte[] seed = File.Exists(path) ? File.ReadAllBytes(path) : Make(path);
        if (seed.Length != Ed25519.SecretKeySize) throw new IOException($"The ledger's key {path} has {seed.Length} bytes instead of {Ed25519.SecretKeySize}. Put the right file back: without it the ledger cannot go on.");
        byte[] publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        var signer = new NoteSigner(origin ?? $"waybill/{Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 8))}", seed);
        CryptographicOperations.ZeroMemory(seed);
        string named = path + ".pub", text = signer.Key + "\n";
        if (!File.Exists(named) || File.ReadAllText(named) != text) File.WriteAllText(named, text);
        return signer;
    }

    private static byte[] Make(string path)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize);
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Spool.Disk.CreateDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path, options))
        {
            file.Write(seed);
            file.Flush(flushToDisk: true);
        }
        Spool.Disk.SyncDirectory(directory);
        return seed;
    }
}
