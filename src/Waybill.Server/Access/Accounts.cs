using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Waybill.Access;

/// <summary>Somebody with a password.</summary>
/// <param name="Password">As <see cref="PasswordHash"/> writes it.</param>
/// <param name="PasswordUnixSeconds">When it was set: sessions begun before are over.</param>
public sealed partial record User(string Name, string Password, Grant Grant, bool Disabled, long CreatedUnixSeconds, long PasswordUnixSeconds)
{
    public static bool IsName(string name) => NameForm().IsMatch(name);

    public const string NameRule = "A user's name has 1 to 64 letters, digits and '.', '_', '-', '@', and begins with a letter or digit.";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)] private static partial Regex NameForm();
}

/// <summary>A credential of a program: an API token, or a key for sending.</summary>
/// <param name="Id">Names it for ever: in lists, in the ledger, for revoking.</param>
/// <param name="Owner">The user it acts for, within what that user may; null when it stands alone.</param>
/// <param name="Hash">As <see cref="TokenText.Hash"/> makes it.</param>
public sealed record Token(string Id, string Name, string? Owner, string Hash, Grant Grant, long CreatedUnixSeconds, long? ExpiresUnixSeconds)
{
    public bool IsKey => Id.StartsWith("key-", StringComparison.Ordinal);

    public static string NewId(bool key) => $"{(key ? "key" : "token")}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";
}

/// <summary>All users and tokens, as one value that is replaced whole.</summary>
public sealed record Accounts(IReadOnlyList<User> Users, IReadOnlyList<Token> Tokens)
{
    public const int UsersMax = 10_000, TokensMax = 50_000;

    public static Accounts Empty { get; } = new([], []);

    public bool IsEmpty => Users.Count + Tokens.Count == 0;

    private Dictionary<string, User>? _users;
    private Dictionary<string, Token>? _tokens;

    /// <summary>By name; names differ by more than case.</summary>
    public User? FindUser(string name) => (_users ??= Users.ToDictionary(user => user.Name, StringComparer.OrdinalIgnoreCase)).GetValueOrDefault(name);

    public Token? FindToken(string hash) => (_tokens ??= Tokens.ToDictionary(token => token.Hash, StringComparer.Ordinal)).GetValueOrDefault(hash);

    public Accounts With(User user) => this with { Users = [.. Users.Where(other => !other.Name.Equals(user.Name, StringComparison.OrdinalIgnoreCase)), user], _users = null };

    public Accounts With(Token token) => this with { Tokens = [.. Tokens, token], _tokens = null };

    public Accounts WithoutToken(string id) => this with { Tokens = [.. Tokens.Where(token => token.Id != id)], _tokens = null };
}
