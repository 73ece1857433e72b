using System.Text;
using Waybill.Engine;

namespace Waybill.Logs;

/// <summary>
/// What a log record's body must contain: <c>card declined</c> both words, <c>"card declined"</c> the phrase, <c>-timeout</c> not that word.
/// Case does not matter. A word is a run of letters and digits; <c>user-17</c> is two words in a phrase.
/// </summary>
public sealed class BodyWords
{
    private const int LengthMax = 1_000, TermsMax = 20;

    private readonly record struct Term(string Text, bool Excluded);

    private readonly List<Term> _terms = [];

    public static readonly BodyWords None = new();

    public bool IsEmpty => _terms.Count == 0;

    /// <returns>What is wrong with the text, or null.</returns>
    public static string? Parse(string? text, out BodyWords words)
    {
        words = None;
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (text.Length > LengthMax) return $"It has {text.Length} characters, at most {LengthMax} are taken.";
        var parsed = new BodyWords();
        for (int at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            bool excluded = text[at] == '-' && at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]);
            if (excluded) at++;
            bool quoted = text[at] == '"';
            int begin = quoted ? at + 1 : at;
            int end = quoted ? text.IndexOf('"', begin) : begin;
            if (end < 0) return $"The quote at position {at + 1} is not closed. Add \" behind the phrase, or leave the quote out.";
            if (!quoted)
                while (end < text.Length && !char.IsWhiteSpace(text[end])) end++;
            string term = text[begin..end].Trim();
            if (term.Length > 0) parsed._terms.Add(new Term(term, excluded));
            at = quoted ? end + 1 : end;
        }
        if (parsed._terms.Count > TermsMax) return $"It has {parsed._terms.Count} words and phrases, at most {TermsMax} are taken.";
        words = parsed;
        return null;
    }

    /// <summary>Adds the conditions, each after AND. Words of ASCII are asked by token, as the index <c>ix_words</c> knows them.</summary>
    internal void AddTo(StringBuilder sql, List<KeyValuePair<string, string>> parameters)
    {
        foreach (Term term in _terms)
        {
            List<string> conditions = [];
            string[] tokens = [.. Tokens(term.Text)];
            foreach (string token in tokens.Where(token => Ascii.IsValid(token)))
                conditions.Add($"hasToken(lower(body), {Bind(token.ToLowerInvariant())})");
            if (tokens is not [var only] || only != term.Text || !Ascii.IsValid(only))
                conditions.Add($"positionCaseInsensitiveUTF8(body, {Bind(term.Text)}) > 0");
            sql.Append(term.Excluded ? " AND NOT (" : " AND (").AppendJoin(" AND ", conditions).Append(')');
        }

        string Bind(string value)
        {
            string name = $"w{parameters.Count}";
            parameters.Add(EngineParameter.String(name, value));
            return $"{{{name}:String}}";
        }
    }

    // As the engine splits: at every ASCII character that is no letter and no digit.
    private static IEnumerable<string> Tokens(string text)
    {
        int begin = 0;
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || !char.IsAscii(text[at]))) continue;
            if (at > begin) yield return text[begin..at];
            begin = at + 1;
        }
    }
}
