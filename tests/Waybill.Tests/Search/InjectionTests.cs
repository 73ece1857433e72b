using System.Globalization;
using System.Text.RegularExpressions;
using Waybill.Query;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>
/// Hostile names and texts in queries of every shape (reliability.md E3): the SQL that is made consists of words of the committed list and of placeholders, whatever
/// was asked. WAYBILL_INJECTIONS=1000000 makes it long, WAYBILL_SEED repeats a run, WAYBILL_UPDATE_SQL=1 writes the list anew.
/// </summary>
public sealed partial class InjectionTests(ITestOutputHelper output)
{
    private const int Short = 20_000;

    private static readonly System.Buffers.SearchValues<char> Operators = System.Buffers.SearchValues.Create(" \n,.()[]=<>!+-*/%|&");

    private static readonly KnownKeys Known = new(new HashSet<string> { "s:text", "i:num" }, new HashSet<string> { "s:k" }, new HashSet<string> { "s:k" }, new HashSet<string>(), new HashSet<string>());

    [Fact]
    public void No_query_makes_sql_that_is_not_made_of_our_own_words()
    {
        bool updates = Environment.GetEnvironmentVariable("WAYBILL_UPDATE_SQL") is { Length: > 0 };
        int runs = Number("WAYBILL_INJECTIONS", Short), seed = updates ? 1 : Number("WAYBILL_SEED", Random.Shared.Next());
        output.WriteLine($"WAYBILL_SEED={seed}");
        var queries = new HostileQueries(new Random(seed));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string[] golden = File.Exists(GoldenPath()) ? File.ReadAllLines(GoldenPath()) : [];
        var words = golden.ToHashSet(StringComparer.Ordinal);
        int asked = 0, statements = 0;
        for (int i = 0; i < runs; i++)
            foreach (var (query, sql) in Statements(queries, i))
            {
                asked = i + 1;
                statements++;
                if (sql.Contains(HostileQueries.Mark, StringComparison.Ordinal)) Assert.Fail($"Text of the query is in its SQL.\n{query}\n{sql}");
                foreach (string word in WordsOf(sql))
                    if (seen.Add(word) && !updates && !words.Contains(word)) Assert.Fail($"'{word}' is not in sql-words.txt. If it is ours: WAYBILL_UPDATE_SQL=1.\n{query}\n{sql}");
            }
        output.WriteLine($"{runs} queries, {statements} statements, {seen.Count} different words");
        Assert.True(statements > runs / 3, $"Only {statements} statements came of {runs} queries: most never reach SQL.");
        if (updates) File.WriteAllLines(GoldenPath(), seen.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Query, string Sql)> Statements(HostileQueries queries, int turn)
    {
        KnownKeys known = turn % 2 == 0 ? KnownKeys.Unknown : Known;
        switch (turn % 4)
        {
            case 0 or 1 when TraceQl.Parse(queries.Search()) is { IsValid: true, Query: SearchQuery search } parsed:
                SearchSql sql = SearchSql.Of(search.Pipeline, known);
                return Of(parsed.Text, sql.Candidates, sql.LongTraces, sql.Selection.IrregularTraces);
            case 2 when TraceQl.Parse(queries.Metrics()) is { IsValid: true, Query: MetricsQuery { Metrics: MetricsPipeline { Aggregate: RangeAggregate range } metrics } } parsed:
                return Of(parsed.Text, MetricSql.Of(metrics.Source, range, known)?.Statement);
            case 3 when turn % 8 == 3 && LogFilter.Parse(queries.Logs()) is { IsValid: true } parsed:
                return Of(parsed.Text, LogConditionSql.Of(parsed.Query, new SqlParameters()));
            case 3:
                return Of("values", ValueSql.Of(queries.Field(), TraceQl.Parse(queries.Search()).Query is SearchQuery filter ? filter.Pipeline : null, known)?.Statement);
            default: return [];
        }

        static IEnumerable<(string, string)> Of(string query, params string?[] statements) => statements.OfType<string>().Select(statement => (query, statement));
    }

    /// <summary>Everything that a statement is made of but operators: placeholders, literals, names. Running numbers count as one.</summary>
    private static IEnumerable<string> WordsOf(string sql)
    {
        if (sql.Contains("--", StringComparison.Ordinal) || sql.Contains("/*", StringComparison.Ordinal)) Assert.Fail($"A comment stands in SQL:\n{sql}");
        int end = 0;
        for (Match match = Word().Match(sql); match.Success; match = match.NextMatch())
        {
            if (sql.AsSpan(end, match.Index - end).ContainsAnyExcept(Operators)) Assert.Fail($"'{sql[end..match.Index]}' stands in SQL:\n{sql}");
            end = match.Index + match.Length;
            yield return match.Value.AsSpan().ContainsAnyInRange('0', '9') ? Digits().Replace(match.Value, "#") : match.Value;
        }
    }

    private static int Number(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string GoldenPath([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "sql-words.txt");

    // A placeholder, a literal, a name or a number, in this order.
    [GeneratedRegex("""\{[^{}]*\}|'(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_]*|[0-9][A-Za-z0-9.]*""", RegexOptions.Singleline)] private static partial Regex Word();

    [GeneratedRegex("(?<=^[a-z_]{1,4})[0-9]+$|(?<=^\\{p_)[0-9]+|^[0-9][0-9.e]*$")] private static partial Regex Digits();
}
