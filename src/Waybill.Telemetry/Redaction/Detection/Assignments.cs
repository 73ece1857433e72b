using System.Buffers;

namespace Waybill.Redaction.Detection;

/// <summary>
/// Secrets behind their names: <c>password=hunter2</c>, <c>"client_secret":"…"</c>, <c>--token abc</c>, <c>IDENTIFIED BY 'x'</c>, <c>&lt;password&gt;x&lt;/password&gt;</c>,
/// <c>Cookie: a=b</c>, <c>Authorization: Bearer x</c>.
/// </summary>
internal static class Assignments
{
    private const int NameMax = 64, SpacesMax = 8, SecretMin = 4, ProseMax = 24, LineMax = 16 * 1024;

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\n\r\"'\\"u8);

    /// <param name="start">The word's begin.</param>
    /// <param name="end">Its end.</param>
    public static bool TryClaim(ref Scan scan, int start, int end)
    {
        int nameStart = start;
        while (nameStart > scan.Claimed && end - nameStart < NameMax && IsName(scan.Text[nameStart - 1])) nameStart--;
        bool isFlag = scan.At(nameStart) == '-';
        var name = scan.Text[nameStart..end];
        if (scan.Text[..nameStart].EndsWith("[redacted:"u8)) return false;   // the mark of an earlier redaction
        SecretName meaning = SecretNames.Classify(name);
        if (meaning == SecretName.None) return false;
        var operation = Operation.Find(ref scan, nameStart, end, isFlag);
        if (operation.Kind == Operator.None) return false;
        return meaning switch
        {
            SecretName.Cookie => ClaimCookies(ref scan, operation, onlyFirst: false),
            SecretName.SetCookie => ClaimCookies(ref scan, operation, onlyFirst: true),
            SecretName.Authorization => ClaimCredentials(ref scan, operation),
            SecretName.Password => ClaimValue(ref scan, operation, Detector.Password, 1),
            SecretName.Session => ClaimValue(ref scan, operation, Detector.SessionId, SecretMin),
            _ => ClaimValue(ref scan, operation, Detector.Secret, SecretMin),
        };
    }

    /// <summary>The words that may come before a credential of their own: <c>Bearer abc</c>, <c>IDENTIFIED BY 'abc'</c>.</summary>
    public static bool TryClaimAfterWord(ref Scan scan, int start, int end)
    {
        var word = scan.Text[start..end];
        if (Is(word, "bearer"u8)) return ClaimBearer(ref scan, end);
        if (Is(word, "basic"u8)) return ClaimBasic(ref scan, end);
        if (!Is(word, "by"u8) || !scan.Wants(Detector.Password)) return false;
        // IDENTIFIED BY 'x', IDENTIFIED WITH plugin BY 'x'
        int from = Math.Max(scan.Claimed, start - 64);
        int at = IndexOfIgnoringCase(scan.Text[from..start], "identified"u8);
        if (at < 0) return false;
        int quote = end;
        while (scan.At(quote) == ' ') quote++;
        if (IsWordAt(ref scan, quote, "password"u8)) quote += 9;
        if (!Characters.IsQuote(scan.At(quote))) return false;
        int close = ClosingQuote(ref scan, quote + 1, scan.At(quote), 0);
        return !Placeholders.Is(scan.Text[(quote + 1)..close]) && scan.Claim(quote + 1, close, Detector.Password);
    }

    private static bool ClaimValue(ref Scan scan, in Operation operation, Detector detector, int lengthMin)
    {
        if (!scan.Wants(detector)) return false;
        int start = operation.ValueStart, end = operation.IsQuoted ? ClosingQuote(ref scan, start, operation.Quote, operation.Slashes) : BareEnd(ref scan, start, operation.Kind);
        var value = scan.Text[start..end];
        if (value.Length < lengthMin || Placeholders.Is(value)) return false;
        if (!operation.IsQuoted && IsProse(ref scan, operation, value, end)) return false;
        // token=Bearer abc: the scheme stays.
        if (detector == Detector.Secret && !operation.IsQuoted && (Is(value, "bearer"u8) || Is(value, "basic"u8))) return false;
        return scan.Claim(start, end, detector);
    }

    /// <summary>"Invalid password: must be longer" names no password: small letters only, after a colon and a space, before more words.</summary>
    private static bool IsProse(ref Scan scan, in Operation operation, ReadOnlySpan<byte> value, int end)
    {
        if (operation.Kind is not (Operator.ColonAndSpace or Operator.Flag or Operator.Space)) return operation.Kind == Operator.Equals && value.Length > 0 && value[0] == '(';
        if (value.Length > ProseMax || scan.At(end) is not ((byte)' ' or (byte)',' or (byte)';')) return false;
        foreach (byte c in value)
            if (!Characters.IsLower(c) && c is not ((byte)'\'' or (byte)'-')) return false;
        return true;
    }

    private static bool ClaimCredentials(ref Scan scan, in Operation operation)
    {
        if (!scan.Wants(Detector.Authorization)) return false;
        int start = operation.ValueStart;
        int end = operation.IsQuoted ? ClosingQuote(ref scan, start, operation.Quote, operation.Slashes) : LineEnd(ref scan, start);
        int scheme = start;
        while (scheme < end && (Characters.IsAlphanumeric(scan.Text[scheme]) || scan.Text[scheme] == '-')) scheme++;
        if (scheme < end && scheme > start && scan.Text[scheme] == ' ')
        {
            int token = scheme + 1;
            // Of an unquoted line only the word behind Bearer is the credential; other schemes have lists.
            if (!operation.IsQuoted && (Is(scan.Text[start..scheme], "bearer"u8) || Is(scan.Text[start..scheme], "basic"u8) || Is(scan.Text[start..scheme], "token"u8)))
                end = BareEnd(ref scan, token, Operator.ColonAndSpace);
            start = token;
        }
        else if (!operation.IsQuoted) end = BareEnd(ref scan, start, Operator.ColonAndSpace);
        return end - start >= SecretMin && !Placeholders.Is(scan.Text[start..end]) && scan.Claim(start, end, Detector.Authorization);
    }

    private static bool ClaimBearer(ref Scan scan, int end)
    {
        if (!scan.Wants(Detector.Authorization) || !TryTokenAfter(ref scan, end, out int start, out int tokenEnd)) return false;
        var token = scan.Text[start..tokenEnd];
        if (token.Length < 6 || Placeholders.Is(token) || (token.Length < 20 && !token.ContainsAnyInRange((byte)'0', (byte)'9'))) return false;
        return scan.Claim(start, tokenEnd, Detector.Authorization);
    }

    /// <summary>Basic credentials are user:password in base64, so they can be told from prose.</summary>
    private static bool ClaimBasic(ref Scan scan, int end)
    {
        if (!scan.Wants(Detector.Authorization) || !TryTokenAfter(ref scan, end, out int start, out int tokenEnd)) return false;
        var token = scan.Text[start..tokenEnd];
        if (token.Length is < 4 or > 1024) return false;
        Span<byte> decoded = stackalloc byte[1024];
        Span<byte> padded = stackalloc byte[1028];
        token.CopyTo(padded);
        int length = token.Length;
        while (length % 4 != 0 && length < token.Length + 3) padded[length++] = (byte)'=';
        if (System.Buffers.Text.Base64.DecodeFromUtf8(padded[..length], decoded, out _, out int written) != System.Buffers.OperationStatus.Done) return false;
        return decoded[..written].IndexOf((byte)':') >= 0 && decoded[..written].IndexOfAnyInRange((byte)0, (byte)31) < 0 && scan.Claim(start, tokenEnd, Detector.Authorization);
    }

    private static bool TryTokenAfter(ref Scan scan, int end, out int start, out int tokenEnd)
    {
        start = end;
        if (scan.At(start) == ':') start++;
        while (scan.At(start) == ' ' && start - end < SpacesMax) start++;
        if (scan.At(end) == '%' && scan.At(end + 1) == '2' && scan.At(end + 2) == '0') start = end + 3;
        tokenEnd = start;
        if (start == end) return false;
        while (Characters.IsWord(scan.At(tokenEnd)) || scan.At(tokenEnd) is (byte)'-' or (byte)'.' or (byte)'~' or (byte)'+' or (byte)'/') tokenEnd++;
        while (scan.At(tokenEnd) == '=') tokenEnd++;
        while (tokenEnd > start && scan.Text[tokenEnd - 1] == '.') tokenEnd--;
        return tokenEnd > start;
    }

    /// <summary>a=b; c=d: the names and Set-Cookie's attributes stay.</summary>
    private static bool ClaimCookies(ref Scan scan, in Operation operation, bool onlyFirst)
    {
        if (!scan.Wants(Detector.Cookie)) return false;
        int end = operation.IsQuoted ? ClosingQuote(ref scan, operation.ValueStart, operation.Quote, operation.Slashes) : LineEnd(ref scan, operation.ValueStart);
        return Cookies.Claim(ref scan, operation.ValueStart, end, onlyFirst);
    }

    /// <summary>Where an unquoted value ends: at a space or a sign that separates values, and at a bracket that closes what stands around it.</summary>
    private static int BareEnd(ref Scan scan, int start, Operator kind)
    {
        int at = start;
        for (; at < scan.Text.Length; at++)
        {
            byte c = scan.Text[at];
            if (Characters.IsSpace(c) || Characters.IsQuote(c) || c is (byte)';' or (byte)'&' or (byte)',' or (byte)'<' or (byte)'>' or (byte)'|') break;
            if (c is (byte)')' or (byte)']' or (byte)'}' && !Characters.IsWord(scan.At(at + 1))) break;
            if (c == '\\' && scan.At(at + 1) is (byte)'n' or (byte)'r' or (byte)'"' or (byte)'t') break;
        }
        // A full stop ends a sentence, not a password; a value in a URL may end so.
        while (at > start && kind != Operator.Equals && scan.Text[at - 1] is (byte)'.' or (byte)':') at--;
        return at;
    }

    private static int LineEnd(ref Scan scan, int start)
    {
        var rest = scan.Text[start..Math.Min(scan.Text.Length, start + LineMax)];
        for (int at = 0; ;)
        {
            int next = rest[at..].IndexOfAny(LineEnds);
            if (next < 0) return start + rest.Length;
            at += next;
            if (rest[at] != '\\' || scan.At(start + at + 1) is (byte)'r' or (byte)'n') return start + at;
            at++;
        }
    }

    /// <summary>The quote that closes: one with as many backslashes before it as the opening one had.</summary>
    private static int ClosingQuote(ref Scan scan, int start, byte quote, int slashes)
    {
        int at = start;
        while (true)
        {
            int next = scan.Text[at..].IndexOf(quote);
            if (next < 0) return scan.Text.Length;
            at += next;
            int before = 0;
            while (at - before > start && scan.Text[at - before - 1] == '\\') before++;
            if (before <= slashes && (slashes > 0 || before % 2 == 0)) return at - before;
            if (slashes == 0 && before % 2 == 0) return at;
            at++;
        }
    }

    private static bool IsName(byte c) => Characters.IsWord(c) || c is (byte)'-' or (byte)'.';

    private static bool IsWordAt(ref Scan scan, int at, ReadOnlySpan<byte> word) => at + word.Length <= scan.Text.Length && Is(scan.Text.Slice(at, word.Length), word);

    public static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> lower)
    {
        if (word.Length != lower.Length) return false;
        for (int i = 0; i < word.Length; i++)
            if (Characters.Lower(word[i]) != lower[i]) return false;
        return true;
    }

    private static int IndexOfIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        for (int i = 0; i + lower.Length <= text.Length; i++)
            if (Is(text.Slice(i, lower.Length), lower)) return i;
        return -1;
    }
}
