using System.Collections.Frozen;
using System.Text;

namespace Waybill.Redaction.Detection;

/// <summary>What a name says about the value behind it.</summary>
internal enum SecretName : byte { None, Password, Secret, Session, Cookie, SetCookie, Authorization }

/// <summary>
/// Recognizes names of secrets by their last words: <c>db.password</c>, <c>clientSecret</c>, <c>x-api-key</c>, <c>PGPASSWORD</c>.
/// Not <c>password_reset_url</c>, <c>token_type</c>, <c>secret.name</c> or <c>input_tokens</c>, which are about secrets and hold none.
/// </summary>
internal static class SecretNames
{
    private const int WordsMax = 3;

    private static readonly FrozenDictionary<string, SecretName> ByName = Table();
    private static readonly FrozenDictionary<string, SecretName>.AlternateLookup<ReadOnlySpan<char>> ByChars = ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    // Words that may stand behind the telling one: password.value, api_key_2.
    private static readonly FrozenSet<string> Tails = "value val text raw plain plaintext string str data old new current confirm confirmation again hash hashed digest param header field input encrypted b64 base64"
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> TailChars = Tails.GetAlternateLookup<ReadOnlySpan<char>>();

    // One word that ends so is one too: mypassword, PGPASSWORD, sessiontoken.
    private static readonly (string Ending, SecretName Name)[] Endings =
    [
        ("password", SecretName.Password), ("passwd", SecretName.Password), ("passphrase", SecretName.Password), ("passwort", SecretName.Password), ("userpwd", SecretName.Password),
        ("secret", SecretName.Secret), ("apikey", SecretName.Secret), ("accesskey", SecretName.Secret), ("secretkey", SecretName.Secret), ("privatekey", SecretName.Secret),
        ("authtoken", SecretName.Secret), ("accesstoken", SecretName.Secret), ("refreshtoken", SecretName.Secret), ("idtoken", SecretName.Secret), ("sessiontoken", SecretName.Secret),
        ("sessionid", SecretName.Session), ("sessid", SecretName.Session),
    ];

    /// <summary>The last three letters of every telling word and tail, for a test that most words fail.</summary>
    private static readonly bool[] LastLetters = MakeLastLetters();

    public static bool MayBe(ReadOnlySpan<byte> word) => word.Length >= 3 && LastLetters[Fold(word)];

    /// <summary>Classifies a name: an attribute's key, or what stands before = or : in a text.</summary>
    public static SecretName Classify(ReadOnlySpan<byte> name)
    {
        if (IsExempt(name)) return SecretName.None;
        // The last three words, joined; the tail left off.
        Span<char> ring = stackalloc char[WordsMax * Words.LengthMax];
        Span<int> ends = stackalloc int[WordsMax];
        Span<byte> room = stackalloc byte[Words.LengthMax];
        Span<char> chars = stackalloc char[Words.LengthMax];
        var words = new Words(name, room);
        int kept = 0, length = 0, all = 0;
        while (words.Next())
        {
            if (!Encoding.UTF8.TryGetChars(words.Current, chars, out int count)) count = 0;
            var word = chars[..count];
            if (all > 0 && IsTail(word)) continue;
            all++;
            if (kept == WordsMax)
            {
                int first = ends[0];
                ring[first..length].CopyTo(ring);
                length -= first;
                for (int i = 1; i < WordsMax; i++) ends[i - 1] = ends[i] - first;
                kept--;
            }
            word.CopyTo(ring[length..]);
            length += count;
            ends[kept++] = length;
        }
        for (int from = 0; from < kept; from++)
        {
            var joined = ring[(from == 0 ? 0 : ends[from - 1])..length];
            if (ByChars.TryGetValue(joined, out SecretName found)) return found;
            if (from < kept - 1) continue;
            foreach (var (ending, meaning) in Endings)
                if (joined.EndsWith(ending, StringComparison.Ordinal)) return meaning;
        }
        return SecretName.None;
    }

    /// <summary>OpenTelemetry's session.id is made by the client to join its telemetry, and opens no door. A name with the mark of a redaction was data.</summary>
    private static bool IsExempt(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("session.id"u8) || name.SequenceEqual("session.previous_id"u8) || name.IndexOf("[redacted:"u8) >= 0;

    private static bool IsTail(ReadOnlySpan<char> word)
    {
        if (TailChars.Contains(word)) return true;
        if (word.Length > 3) return false;
        if (word.Length > 1 && word[0] == 'v') word = word[1..];
        return word.Length > 0 && !word.ContainsAnyExceptInRange('0', '9');
    }

    private static int Fold(ReadOnlySpan<byte> word) => ((word[^3] & 31) << 10) | ((word[^2] & 31) << 5) | (word[^1] & 31);

    private static bool[] MakeLastLetters()
    {
        bool[] letters = new bool[32 * 32 * 32];
        foreach (string word in ByName.Keys.Concat(Tails).Concat(Endings.Select(ending => ending.Ending)))
            if (word.Length >= 3) letters[Fold(Encoding.UTF8.GetBytes(word))] = true;
        return letters;
    }

    private static FrozenDictionary<string, SecretName> Table()
    {
        var table = new Dictionary<string, SecretName>(StringComparer.Ordinal);
        Add(SecretName.Password, "password passwd pwd passphrase passcode passwort userpass dbpass smtppass rootpass adminpass mysqlpwd pgpass emailpass ftppass cvv cvv2 cvc otp totp onetimecode " +
            "securityanswer contraseña motdepasse senha hasło пароль");
        Add(SecretName.Secret, "secret secrets token credential credentials creds apikey apitoken apisecret accesskey secretkey privatekey signingkey encryptionkey masterkey sharedkey " +
            "sharedaccesskey accountkey subscriptionkey sessionkey authkey authtoken authsecret accesstoken refreshtoken idtoken bearertoken csrftoken xsrftoken clientsecret webhooksecret " +
            "clientassertion samlresponse codeverifier sig amzsignature amzsecuritytoken googsignature amzcredential jwt connectionstring sshkey licensekey storagekey functionskey ocpapimsubscriptionkey");
        Add(SecretName.None, "nexttoken pagetoken nextpagetoken continuationtoken synctoken cancellationtoken paginationtoken starttoken lexertoken unexpectedtoken publickey idempotencytoken methodsignature " +
            "functionsignature eventsignature tokenkey cancelationtoken resumetoken devicetoken invalidtoken");
        Add(SecretName.Session, "sessionid jsessionid phpsessid aspsessionid aspnetsessionid connectsid sessid sessioncookie usersessionid");
        Add(SecretName.Cookie, "cookie cookies");
        Add(SecretName.SetCookie, "setcookie setcookie2");
        Add(SecretName.Authorization, "authorization proxyauthorization wwwauthorization xauthorization amzauthorization");
        return table.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(SecretName meaning, string words)
        {
            foreach (string word in words.Split(' ')) table[word] = meaning;
        }
    }
}
