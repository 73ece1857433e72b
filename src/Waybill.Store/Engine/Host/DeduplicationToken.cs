using System.Text.RegularExpressions;

namespace Waybill.Engine.Host;

/// <summary>
/// An insert's token goes into its statement: as a setting of the connection every insert would need a connection of its own.
/// </summary>
internal static partial class DeduplicationToken
{
    private const string Setting = "insert_deduplication_token";

    [GeneratedRegex(@"\A[A-Za-z0-9_.:/-]{1,200}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)] private static partial Regex Shape();

    /// <summary>The SETTINGS clause of the token, or nothing; and the settings without it.</summary>
    /// <exception cref="EngineException">36: the token has other characters than an id needs.</exception>
    public static (string Clause, IEnumerable<KeyValuePair<string, string>> Settings) Take(IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        string? token = settings.LastOrDefault(s => s.Key == Setting).Value;
        if (string.IsNullOrEmpty(token)) return ("", settings);
        if (!Shape().IsMatch(token)) throw new EngineException(EngineError.BadArguments, "BAD_ARGUMENTS", $"{Setting} must match [A-Za-z0-9_.:/-]{{1,200}}.");

        return ($" SETTINGS {Setting} = '{token}'", settings.Where(s => s.Key != Setting));
    }
}
