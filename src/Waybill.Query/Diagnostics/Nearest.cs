namespace Waybill.Query.Diagnostics;

/// <summary>The known word that a mistyped one was probably meant to be.</summary>
internal static class Nearest
{
    private const int LengthMax = 40;

    /// <returns>Null when none is near: more than a third of its letters would have to change.</returns>
    public static string? To(string word, IEnumerable<string> known)
    {
        if (word.Length > LengthMax) return null;
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < bestDistance && distance <= Math.Max(1, candidate.Length / 3)) (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Edits between two words: a letter more, less, other, or exchanged with its neighbour (optimal string alignment).</summary>
    public static int Distance(string a, string b)
    {
        int[] before = new int[b.Length + 1], last = new int[b.Length + 1], row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }
}
