using System.Buffers;
using System.Text;

namespace Waybill.Redaction.Detection;

/// <summary>Keys that vendors mark with a prefix, so that they can be found when they leak.</summary>
internal static class VendorKeys
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<byte>
        Plain = Of(Letters), Token = Of(Letters + "_-"), Dotted = Of(Letters + "_-."), Hex = Of("0123456789abcdefABCDEF"), Upper = Of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), Path = Of(Letters + "/_-");

    /// <param name="Min">Characters behind the prefix, at least.</param>
    private sealed record Key(byte[] Prefix, SearchValues<byte> Characters, int Min, int Max, Detector Detector);

    private static readonly Key[] Keys =
    [
        .. Make(Detector.AwsKey, Upper, 16, 16, "AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA", "AGPA", "ANPA", "ANVA", "APKA"),
        .. Make(Detector.GithubToken, Plain, 36, 255, "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        .. Make(Detector.GithubToken, Token, 60, 255, "github_pat_"),
        .. Make(Detector.GitlabToken, Dotted, 20, 255, "glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-", "glffct-"),
        .. Make(Detector.SlackToken, Token, 20, 255, "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxo-", "xapp-", "xwfp-"),
        .. Make(Detector.SlackToken, Path, 30, 255, "hooks.slack.com/services/", "hooks.slack.com/workflows/"),
        .. Make(Detector.StripeKey, Plain, 16, 255, "sk_live_", "sk_test_", "rk_live_", "rk_test_"),
        .. Make(Detector.StripeKey, Plain, 24, 255, "whsec_"),
        .. Make(Detector.GoogleKey, Token, 35, 35, "AIza"),
        .. Make(Detector.GoogleKey, Token, 24, 64, "GOCSPX-"),
        .. Make(Detector.GoogleKey, Token, 30, 2048, "ya29."),
        .. Make(Detector.SendgridKey, Dotted, 60, 80, "SG."),
        .. Make(Detector.TwilioKey, Hex, 32, 32, "SK"),
        .. Make(Detector.NpmToken, Plain, 36, 36, "npm_"),
        .. Make(Detector.AiKey, Token, 32, 255, "sk-"),
        .. Make(Detector.AiKey, Plain, 32, 64, "hf_", "gsk_", "r8_"),
        .. Make(Detector.ApiKey, Token, 50, 512, "pypi-"),
        .. Make(Detector.ApiKey, Token, 24, 255, "dckr_pat_", "dckr_oat_", "hvs.", "hvb.", "hvr.", "glsa_", "glc_", "lin_api_", "PMAK-", "pscale_tkn_", "pscale_pw_", "sq0atp-", "sq0csp-", "EAAA", "pat-na1-", "pat-eu1-", "figd_", "atlasv1.", "ATATT3", "CFPAT-"),
        .. Make(Detector.ApiKey, Hex, 64, 64, "dop_v1_", "doo_v1_", "dor_v1_"),
        .. Make(Detector.ApiKey, Hex, 32, 32, "shpat_", "shpss_", "shppa_", "shpca_", "dapi"),
        .. Make(Detector.ApiKey, Upper, 27, 27, "NRAK-"),
        .. Make(Detector.ApiKey, Upper, 50, 64, "AGE-SECRET-KEY-1"),
        .. Make(Detector.ApiKey, Hex, 32, 36, "key-"),
    ];

    private static readonly Key[]?[] ByFirst = MakeIndex();

    public static bool MayBegin(byte first) => ByFirst[first] is not null;

    /// <param name="start">A word's begin.</param>
    public static bool TryClaim(ref Scan scan, int start)
    {
        var text = scan.Text[start..];
        if (text[0] == 'e') return TryJwt(ref scan, start);
        foreach (var key in ByFirst[text[0]]!)
        {
            if (!text.StartsWith(key.Prefix) || !scan.Wants(key.Detector)) continue;
            var rest = text[key.Prefix.Length..];
            rest = rest[..Math.Min(rest.Length, key.Max + 1)];
            int length = rest.IndexOfAnyExcept(key.Characters);
            if (length < 0) length = rest.Length;
            while (length > 0 && rest[length - 1] is (byte)'.' or (byte)'-') length--;
            if (length < key.Min || length > key.Max || IsWords(rest[..length])) continue;
            return scan.Claim(start, start + key.Prefix.Length + length, key.Detector);
        }
        return false;
    }

    /// <summary>A name made of words, such as <c>sk-learn-based-recommendation-pipeline</c>: no digit and no capital.</summary>
    private static bool IsWords(ReadOnlySpan<byte> key)
    {
        foreach (byte c in key)
            if (Characters.IsDigit(c) || Characters.IsUpper(c)) return false;
        return true;
    }

    /// <summary>eyJ is base64url of <c>{"</c>: a header, a payload and perhaps a signature follow.</summary>
    private static bool TryJwt(ref Scan scan, int start)
    {
        if (!scan.Wants(Detector.Jwt) || !scan.Text[start..].StartsWith("eyJ"u8) || scan.At(start - 1) is (byte)'-') return false;
        int at = start, parts = 0, shortest = int.MaxValue;
        while (parts < 5)
        {
            var rest = scan.Text[at..];
            int length = rest.IndexOfAnyExcept(Token);
            if (length < 0) length = rest.Length;
            if (parts < 2) shortest = Math.Min(shortest, length);
            at += length;
            parts++;
            if (scan.At(at) != '.' || at + 1 >= scan.Text.Length || (!Characters.IsWord(scan.At(at + 1)) && scan.At(at + 1) is not ((byte)'.' or (byte)'-'))) break;
            at++;
        }
        return parts >= 2 && shortest >= 4 && at - start >= 24 && scan.Claim(start, at, Detector.Jwt);
    }

    private static IEnumerable<Key> Make(Detector detector, SearchValues<byte> characters, int min, int max, params string[] prefixes) =>
        prefixes.Select(prefix => new Key(Encoding.ASCII.GetBytes(prefix), characters, min, max, detector));

    private static Key[]?[] MakeIndex()
    {
        var index = new Key[]?[256];
        foreach (var group in Keys.GroupBy(key => key.Prefix[0])) index[group.Key] = [.. group];
        index['e'] = [];
        return index;
    }

    private static SearchValues<byte> Of(string characters) => SearchValues.Create(Encoding.ASCII.GetBytes(characters));
}
