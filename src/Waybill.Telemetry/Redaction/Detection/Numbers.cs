namespace Waybill.Redaction.Detection;

/// <summary>
/// Numbers as people write them: digits in groups with single spaces, dashes or dots between. Collects the groups from a word on and asks, for every place
/// where a group ends, whether the digits so far are a card, a national id or a telephone number; the longest that is one wins.
/// </summary>
internal static class Numbers
{
    private const int DigitsMax = 19, GroupsMax = 8;

    public static bool TryClaim(ref Scan scan, int start)
    {
        if (!CanBegin(ref scan, start, out bool plus)) return false;
        Span<byte> digits = stackalloc byte[DigitsMax];
        Span<Group> groups = stackalloc Group[GroupsMax];
        int count = Collect(ref scan, start, digits, groups, out int total);
        if (total < 7) return false;
        for (int last = count - 1; last >= 0; last--)
        {
            if (!CanEnd(ref scan, groups, count, last)) continue;
            var number = new Number(digits[..groups[last].Digits], groups[..(last + 1)], start, groups[last].End, plus);
            if (PaymentCards.TryClaim(ref scan, number) || NationalIds.TryClaim(ref scan, number) || Phones.TryClaim(ref scan, number)) return true;
        }
        return false;
    }

    /// <summary>A number does not begin inside another: after a point, a letter and a dash, or a dash of a UUID.</summary>
    private static bool CanBegin(ref Scan scan, int start, out bool plus)
    {
        byte before = scan.At(start - 1);
        plus = before == '+' && !Characters.IsWord(scan.At(start - 2));
        if (before is (byte)'.' or (byte)'-') return before == '-' && Characters.IsLetter(scan.At(start - 2)) && WordIsLetters(ref scan, start - 2);
        return before != '+' || plus;
    }

    private static bool WordIsLetters(ref Scan scan, int last)
    {
        int at = last;
        while (Characters.IsLetter(scan.At(at))) at--;
        return last - at >= 3 && !Characters.IsDigit(scan.At(at)) && scan.At(at) != '-';
    }

    private static int Collect(scoped ref Scan scan, int start, scoped Span<byte> digits, scoped Span<Group> groups, out int total)
    {
        total = 0;
        int count = 0;
        for (int at = start; count < groups.Length;)
        {
            while (Characters.IsDigit(scan.At(at)))
            {
                if (total == digits.Length) return count;   // a longer run is no number of ours; groups before it may be
                digits[total++] = (byte)(scan.Text[at++] - '0');
            }
            if (Characters.IsWord(scan.At(at))) return count;   // digits that run into letters are a code, not a number
            byte separator = scan.At(at);
            groups[count++] = new Group(at, total, separator);
            if (separator is not ((byte)' ' or (byte)'-' or (byte)'.') || !Characters.IsDigit(scan.At(at + 1))) break;
            at++;
        }
        return count;
    }

    private static bool CanEnd(scoped ref Scan scan, scoped Span<Group> groups, int count, int last)
    {
        var group = groups[last];
        if (last < count - 1) return group.Separator == ' ';
        byte next = scan.At(group.End + 1);
        return group.Separator switch
        {
            (byte)'-' or (byte)'.' => !Characters.IsWord(next),
            (byte)'@' or (byte)'%' => false,
            _ => true,
        };
    }
}

/// <summary>Where a group of digits ends, how many digits there are up to there, and what follows it.</summary>
internal readonly record struct Group(int End, int Digits, byte Separator);

/// <summary>Digits with where they stand in the text.</summary>
/// <param name="plus">A + stands before them.</param>
internal readonly ref struct Number(ReadOnlySpan<byte> digits, ReadOnlySpan<Group> groups, int start, int end, bool plus)
{
    public readonly ReadOnlySpan<byte> Digits = digits;
    public readonly ReadOnlySpan<Group> Groups = groups;
    public int Start => start;
    public int End => end;
    public bool Plus => plus;
    public bool IsGrouped => Groups.Length > 1;

    /// <summary>Whether the groups have these lengths, with one and the same sign between them.</summary>
    public bool HasGroups(byte separator, params ReadOnlySpan<int> lengths)
    {
        if (Groups.Length != lengths.Length) return false;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (Groups[i].Digits - (i == 0 ? 0 : Groups[i - 1].Digits) != lengths[i]) return false;
            if (i < lengths.Length - 1 && Groups[i].Separator != separator) return false;
        }
        return true;
    }
}
