using Waybill.Batches;

namespace Waybill.Redaction.Detection;

/// <summary>Something sensitive in a text, by bytes.</summary>
/// <param name="Pattern">Which of the plan's patterns found it; -1 for a built-in detector.</param>
internal readonly record struct Match(int Start, int Length, Detector Detector, int Pattern = -1)
{
    public int End => Start + Length;
}

/// <summary>One text under examination. Detectors look at it around a word and claim what they recognize, from left to right.</summary>
internal ref struct Scan(ReadOnlySpan<byte> text, ulong detectors, ulong hints, Column<Match> matches)
{
    public readonly ReadOnlySpan<byte> Text = text;
    public readonly Column<Match> Matches = matches;

    /// <summary>Detectors that the text's key says are likely: <c>card</c> lets a bare number be a card.</summary>
    public readonly ulong Hints = hints;

    /// <summary>Where the last claim ends: nothing before it is looked at again.</summary>
    public int Claimed = 0;

    public readonly bool Wants(Detector detector) => (detectors & detector.Bit()) != 0;

    public readonly byte At(int index) => (uint)index < (uint)Text.Length ? Text[index] : (byte)0;

    /// <summary>Claims a range, unless it is empty or begins in an earlier claim.</summary>
    public bool Claim(int start, int end, Detector detector)
    {
        if (end <= start || start < Claimed) return false;
        Matches.Add(new Match(start, end - start, detector));
        Claimed = end;
        return true;
    }

    /// <summary>Whether the key, or words shortly before, say that <paramref name="detector"/> is what is meant.</summary>
    public readonly bool Expects(Detector detector, int start) => ((Hints | Detection.Hints.Before(Text, start)) & detector.Bit()) != 0;
}
