using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Waybill.Batches;
using Waybill.Redaction.Detection;
using Match = Waybill.Redaction.Detection.Match;

namespace Waybill.Redaction;

/// <summary>Finds what is sensitive in one value, by its key's plan: the rule for the key, then the key's name, then what is in the value. Reused; one a thread.</summary>
internal sealed class Finder
{
    private readonly Column<Match> _matches = new(16), _others = new(16);
    private readonly Unescaped _unescaped = new();

    /// <summary>What <see cref="Find"/> found last, from left to right, without overlaps.</summary>
    public ReadOnlySpan<Match> Matches => _matches.Span;

    /// <summary>An address is shorter than anything else; who asks for it pays for looking.</summary>
    private static readonly ulong BeyondPrefilter = Detector.IpAddress.Bit();

    /// <returns>Whether anything was found.</returns>
    public bool Find(ReadOnlySpan<byte> value, KeyPlan plan)
    {
        if (plan.Whole is { } whole) return FindWhole(value, whole.Action == RedactionAction.Keep ? null : Detector.Key);
        if (plan.Secret != SecretName.None && FindSecret(value, plan)) return true;
        if (plan.Patterns.Count == 0 && (plan.Detectors & BeyondPrefilter) == 0 && !Prefilter.MayHold(value)) return FindWhole(value, null);
        Scanner.Find(value, plan.Detectors, plan.Hints, _matches);
        if (value.Contains((byte)'%') && _unescaped.Read(value)) AddUnescaped(plan);
        for (int i = 0; i < plan.Patterns.Count; i++) AddPattern(value, plan.Patterns[i], i);
        return _matches.Count > 0;
    }

    private bool FindWhole(ReadOnlySpan<byte> value, Detector? detector)
    {
        _matches.Clear();
        if (detector is { } found && !value.IsEmpty) _matches.Add(new Match(0, value.Length, found));
        return _matches.Count > 0;
    }

    private bool FindSecret(ReadOnlySpan<byte> value, KeyPlan plan)
    {
        if (Placeholders.Is(value)) return FindWhole(value, null);
        _matches.Clear();
        var scan = new Scan(value, plan.Detectors | Detector.Cookie.Bit(), 0, _matches);
        switch (plan.Secret)
        {
            case SecretName.Cookie or SecretName.SetCookie when value.Contains((byte)'='):
                return Cookies.Claim(ref scan, 0, value.Length, plan.Secret == SecretName.SetCookie);
            case SecretName.Authorization:
                // The scheme stays: Bearer, Basic, Digest.
                int space = value.IndexOf((byte)' ');
                int start = space > 0 && !value[..space].ContainsAnyExcept(SchemeLetters) ? space + 1 : 0;
                return scan.Claim(start, value.Length, Detector.SensitiveKey);
            case SecretName.Session:
                return plan.Of(Detector.SessionId).Action != RedactionAction.Keep && FindWhole(value, Detector.SessionId);
            default:
                return FindWhole(value, Detector.SensitiveKey);
        }
    }

    /// <summary>What shows only when a URL's escapes are undone: <c>?next=%2Fin%3Ftoken%3D…</c></summary>
    private void AddUnescaped(KeyPlan plan)
    {
        if (!Prefilter.MayHold(_unescaped.Bytes)) return;
        Scanner.Find(_unescaped.Bytes, plan.Detectors, plan.Hints, _others);
        for (int i = 0; i < _others.Count; i++) _others[i] = _unescaped.Place(_others[i]);
        if (_others.Count > 0) Merge(keeps: false);
    }

    private void AddPattern(ReadOnlySpan<byte> value, Rule rule, int index)
    {
        char[] chars = ArrayPool<char>.Shared.Rent(value.Length);
        try
        {
            int length = Encoding.UTF8.GetChars(value, chars), atChar = 0, atByte = 0;
            _others.Clear();
            foreach (ValueMatch match in rule.Pattern!.EnumerateMatches(chars.AsSpan(0, length)))
            {
                atByte += Encoding.UTF8.GetByteCount(chars.AsSpan(atChar, match.Index - atChar));
                int bytes = Encoding.UTF8.GetByteCount(chars.AsSpan(match.Index, match.Length));
                if (bytes > 0) _others.Add(new Match(atByte, Math.Min(bytes, value.Length - atByte), Detector.Pattern, index));
                (atChar, atByte) = (match.Index + match.Length, atByte + bytes);
            }
        }
        catch (RegexMatchTimeoutException)
        {
            // It cannot backtrack; a machine that stands still can make it late. What was not looked at does not pass.
            _others.Clear();
            _others.Add(new Match(0, value.Length, Detector.Pattern, index));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars, clearArray: true);
        }
        if (_others.Count > 0) Merge(keeps: rule.Action == RedactionAction.Keep);
    }

    /// <summary>A pattern that keeps takes overlapping finds away; any other joins them, and what overlaps becomes one.</summary>
    private void Merge(bool keeps)
    {
        var all = new List<Match>(_matches.Count + _others.Count);
        foreach (var match in _matches.Span)
            if (!keeps || !Overlaps(match)) all.Add(match);
        if (!keeps) all.AddRange(_others.Span);
        all.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Length.CompareTo(a.Length));
        _matches.Clear();
        foreach (var match in all)
        {
            if (_matches.Count > 0 && match.Start < _matches[_matches.Count - 1].End)
            {
                ref Match last = ref _matches[_matches.Count - 1];
                last = last with { Length = Math.Max(last.End, match.End) - last.Start };
            }
            else _matches.Add(match);
        }
    }

    private bool Overlaps(in Match match)
    {
        foreach (var other in _others.Span)
            if (other.Start < match.End && match.Start < other.End) return true;
        return false;
    }

    private static readonly SearchValues<byte> SchemeLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);
}
