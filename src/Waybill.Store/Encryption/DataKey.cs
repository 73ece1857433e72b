using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Waybill.Encryption;

/// <summary>A key that data on disk is encrypted under: 32 random bytes. Never used itself; each purpose has a key that is derived from it (HKDF, RFC 5869).</summary>
public sealed class DataKey
{
    public const int Bytes = 32;
    internal const int IdBytes = 8;

    private readonly byte[] _key;

    private DataKey(byte[] key)
    {
        _key = key;
        byte[] id = Derive("id", IdBytes);
        Id = Convert.ToHexStringLower(id);
        RawId = id;
    }

    /// <summary>Names the key without telling it: stands beside what is encrypted under it.</summary>
    public string Id { get; }

    internal ReadOnlyMemory<byte> RawId { get; }

    /// <summary>Reads 32 bytes, as they are or as hex or base64 text; null when it is none of these.</summary>
    public static DataKey? Read(ReadOnlySpan<byte> given)
    {
        if (given.Length == Bytes) return new DataKey(given.ToArray());
        ReadOnlySpan<byte> text = given.Trim(" \t\r\n"u8);
        byte[] key = new byte[Bytes + 4];
        try
        {
            if (text.Length == 2 * Bytes) return new DataKey(Convert.FromHexString(Encoding.ASCII.GetString(text)));
            return Base64.DecodeFromUtf8(text, key, out _, out int length) == System.Buffers.OperationStatus.Done && length == Bytes ? new DataKey(key[..Bytes]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public byte[] Derive(string purpose, int bytes = Bytes) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, bytes, info: Encoding.ASCII.GetBytes($"waybill/{purpose}/1"));

    public override string ToString() => $"key {Id}";
}
