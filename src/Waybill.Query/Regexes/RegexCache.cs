using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Waybill.Query.Regexes;

/// <summary>Compiled regular expressions, for all interpreters: one query looks at thousands of traces.</summary>
internal static class RegexCache
{
    private const int ExpressionsMax = 256;

    private static readonly ConcurrentDictionary<string, Regex> Compiled = new(StringComparer.Ordinal);

    /// <param name="pattern">One that <see cref="Re2"/> accepts. It matches a whole value, in time linear in it.</param>
    public static Regex Whole(string pattern)
    {
        if (Compiled.TryGetValue(pattern, out Regex? known)) return known;
        if (Compiled.Count >= ExpressionsMax) Compiled.Clear();
        var regex = new Regex($"\\A(?:{Re2.Read(pattern).DotNet})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        return Compiled[pattern] = regex;
    }
}
