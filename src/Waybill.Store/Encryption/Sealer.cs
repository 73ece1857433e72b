using System.Security.Cryptography;

namespace Waybill.Encryption;

/// <summary>
/// Encrypts runs of bytes of one purpose with AES-256-GCM, each under a key of its own: HKDF-SHA256 of the purpose's key and 32 random bytes. So nothing is ever
/// encrypted twice under one key and nonce, however much there is and however often the machine starts.
/// </summary>
/// <remarks>A sealed run is: 8 bytes id of the data key, 32 bytes salt, the encrypted bytes, 16 bytes tag.</remarks>
public sealed class Sealer
{
    private const int SaltBytes = 32, TagBytes = 16, NonceBytes = 12, KeyBytes = 32;

    /// <summary>Bytes before what is encrypted.</summary>
    public const int HeadBytes = DataKey.IdBytes + SaltBytes;

    /// <summary>Bytes behind it.</summary>
    public const int TailBytes = TagBytes;

    public const int OverheadBytes = HeadBytes + TailBytes;

    private readonly byte[] _id;
    private readonly Dictionary<ulong, byte[]> _keys;

    internal Sealer(DataKey current, IEnumerable<DataKey> all, string purpose)
    {
        _id = current.RawId.ToArray();
        _keys = all.ToDictionary(key => BitConverter.ToUInt64(key.RawId.Span), key => key.Derive(purpose));
    }

    /// <summary>Whether what begins so was sealed under a key that is known.</summary>
    public bool Knows(ReadOnlySpan<byte> head) => head.Length >= DataKey.IdBytes && _keys.ContainsKey(BitConverter.ToUInt64(head));

    public static string KeyIdOf(ReadOnlySpan<byte> head) => Convert.ToHexStringLower(head[..DataKey.IdBytes]);

    /// <summary>Encrypts in place what lies between head and tail, and fills these.</summary>
    /// <param name="about">What it belongs to; must be the same when it is opened.</param>
    public void Seal(Span<byte> run, ReadOnlySpan<byte> about)
    {
        _id.CopyTo(run);
        Span<byte> salt = run.Slice(DataKey.IdBytes, SaltBytes), text = run[HeadBytes..^TagBytes];
        RandomNumberGenerator.Fill(salt);
        Span<byte> own = stackalloc byte[KeyBytes + NonceBytes];
        Derive(_keys[BitConverter.ToUInt64(_id)], salt, own);
        using var aes = new AesGcm(own[..KeyBytes], TagBytes);
        aes.Encrypt(own[KeyBytes..], text, text, run[^TagBytes..], about);
        CryptographicOperations.ZeroMemory(own);
    }

    /// <summary>Decrypts in place.</summary>
    /// <returns>False when the run is not what was sealed: its bytes are then of no use.</returns>
    public bool TryOpen(Span<byte> run, ReadOnlySpan<byte> about, out Span<byte> text)
    {
        text = default;
        if (run.Length < OverheadBytes || !_keys.TryGetValue(BitConverter.ToUInt64(run), out byte[]? key)) return false;
        Span<byte> own = stackalloc byte[KeyBytes + NonceBytes];
        Derive(key, run.Slice(DataKey.IdBytes, SaltBytes), own);
        text = run[HeadBytes..^TagBytes];
        try
        {
            using var aes = new AesGcm(own[..KeyBytes], TagBytes);
            aes.Decrypt(own[KeyBytes..], text, run[^TagBytes..], text, about);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(own);
        }
    }

    /// <summary>Encrypts a copy.</summary>
    /// <param name="before">What stands in the clear before the sealed run.</param>
    public byte[] SealedCopy(ReadOnlySpan<byte> text, ReadOnlySpan<byte> about, ReadOnlySpan<byte> before = default)
    {
        byte[] run = new byte[before.Length + OverheadBytes + text.Length];
        before.CopyTo(run);
        text.CopyTo(run.AsSpan(before.Length + HeadBytes));
        Seal(run.AsSpan(before.Length), about);
        return run;
    }

    private static void Derive(byte[] key, ReadOnlySpan<byte> salt, Span<byte> own) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, own, salt, "record"u8);
}
