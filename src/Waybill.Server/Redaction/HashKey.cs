using System.Security.Cryptography;
using System.Text;

namespace Waybill.Redaction;

/// <summary>The key that makes hashes of redacted values impossible to guess: without it an e-mail address could be found by hashing all that exist.</summary>
internal static class HashKey
{
    private const string FileName = "redaction.key";
    private const int KeyBytes = 32;

    /// <summary>The key of the options, or the one in the data directory, made when there is none.</summary>
    /// <exception cref="IOException">The key cannot be kept, so that values would hash differently after a restart.</exception>
    public static byte[] Read(RedactionOptions options, string dataDirectory)
    {
        if (options.HashKey is { } text) return SHA256.HashData(Encoding.UTF8.GetBytes(text));
        string path = Path.Combine(dataDirectory, FileName);
        if (File.Exists(path))
        {
            byte[] kept = Convert.FromHexString(File.ReadAllText(path).Trim());
            return kept.Length == KeyBytes ? kept : throw new IOException($"{path} is not a key of {KeyBytes} bytes in hexadecimal. Restore it from a backup, or remove it: then values hash differently from now on.");
        }
        Directory.CreateDirectory(dataDirectory);
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        string making = path + ".new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(making, create))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key) + "\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(making, path);
        return key;
    }
}
