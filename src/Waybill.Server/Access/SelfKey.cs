using System.Security.Cryptography;
using System.Text;

namespace Waybill.Access;

/// <summary>The key with which this server sends to itself (its test trace); of this run only, never stored.</summary>
internal sealed class SelfKey
{
    private readonly byte[] _hash;

    public SelfKey()
    {
        Text = TokenText.Make(TokenText.KeyPrefix);
        _hash = Encoding.ASCII.GetBytes(TokenText.Hash(Text.Reveal()));
    }

    public Secret Text { get; }

    public static Credential Credential { get; } = new(IdentityKind.Key, "waybill", [Grant.Of(Role.Sender.Name, Grant.AllTenants)]);

    public bool Is(string text) => CryptographicOperations.FixedTimeEquals(_hash, Encoding.ASCII.GetBytes(TokenText.Hash(text)));
}
