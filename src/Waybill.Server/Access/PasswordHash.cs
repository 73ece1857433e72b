using System.Globalization;
using System.Security.Cryptography;

namespace Waybill.Access;

/// <summary>Passwords at rest: <c>pbkdf2-sha256$600000$salt$hash</c>. The strength is in the text, so that it can be raised without a migration.</summary>
public static class PasswordHash
{
    /// <summary>OWASP's Password Storage Cheat Sheet for PBKDF2-HMAC-SHA256.</summary>
    public const int Iterations = 600_000;
    public const int PasswordCharsMin = 12, PasswordCharsMax = 256;

    private const string Kind = "pbkdf2-sha256";
    private const int SaltBytes = 16, HashBytes = 32, IterationsMax = 10_000_000;

    // Checked when there is no such user, so that the time of an answer does not tell who exists.
    private static readonly Lazy<string> Nobody = new(() => Make(new Secret("nobody has this password")));

    public static string Make(Secret password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password.RevealBytes(), salt, Iterations, HashAlgorithmName.SHA256, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Kind}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Takes as long for a missing hash (no such user) as for one that does not fit.</summary>
    public static bool Fits(Secret password, string? hash)
    {
        if (password.Length > PasswordCharsMax) return false;
        bool exists = hash is not null;
        string[] parts = (hash ?? Nobody.Value).Split('$');
        if (parts is not [Kind, var strength, var saltText, var hashText] || !int.TryParse(strength, NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is < 1 or > IterationsMax)
            return false;
        byte[] expected = Convert.FromBase64String(hashText);
        byte[] actual = Rfc2898DeriveBytes.Pbkdf2(password.RevealBytes(), Convert.FromBase64String(saltText), iterations, HashAlgorithmName.SHA256, expected.Length);
        return CryptographicOperations.FixedTimeEquals(actual, expected) && exists;
    }

    /// <summary>What is wrong with a new password, or null. Length is what counts (NIST SP 800-63B); rules about kinds of characters only make worse ones.</summary>
    public static string? Wrong(Secret password, string userName) => password.Length switch
    {
        < PasswordCharsMin => $"A password has at least {PasswordCharsMin} characters. A few words in a row are good.",
        > PasswordCharsMax => $"A password has at most {PasswordCharsMax} characters.",
        _ when password.Reveal().Contains(userName, StringComparison.OrdinalIgnoreCase) => "A password must not contain the user's name.",
        _ when password.Reveal().Distinct().Count() < 5 => "This password repeats itself.",
        _ => null,
    };

    public static void WarmUp() => _ = Nobody.Value;
}
