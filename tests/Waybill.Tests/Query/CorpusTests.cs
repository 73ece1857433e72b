using System.Text.RegularExpressions;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>tests/corpus/traceql.txt: what is a query and what is not, and what is said about it.</summary>
public sealed class CorpusTests
{
    private static readonly QueryLimits Small = new() { LengthMax = 65, DepthMax = 10, NodesMax = 12, RegexSizeMax = 50 };

    private static readonly ILookup<string, string> Corpus = Read();

    public static TheoryData<string> Valid => [.. Corpus["valid"]];

    private static ILookup<string, string> Read()
    {
        string section = "";
        var queries = new List<(string Section, string Query)>();
        foreach (string line in Embedded.Text("traceql.txt").Split('\n')[3..])
        {
            if (line.StartsWith('[')) section = line.Trim('[', ']');
            else if (line.Length > 0 || section == "syntax" && queries[^1].Section != "syntax") queries.Add((section, line.Replace("\\n  ", "\n  ", StringComparison.Ordinal).Replace("\\n}", "\n}", StringComparison.Ordinal)));
        }
        return queries.ToLookup(item => item.Section, item => item.Query);
    }

    private static QueryResult<TraceQuery> Parse(string section, string query) => TraceQl.Parse(query, section == "limit" ? Small : null);

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_valid_query_has_nothing_to_say_about_it_and_reads_back_as_itself(string query)
    {
        var result = TraceQl.Parse(query);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(result.Query, TraceQl.Parse(result.Query!.ToString()).Query);
    }

    [Theory]
    [InlineData("warning", DiagnosticKind.Warning)]
    [InlineData("syntax", DiagnosticKind.Syntax)]
    [InlineData("invalid", DiagnosticKind.Invalid)]
    [InlineData("unsupported", DiagnosticKind.Unsupported)]
    [InlineData("limit", DiagnosticKind.Limit)]
    public void What_is_wrong_is_of_the_kind_of_its_section(string section, DiagnosticKind kind)
    {
        foreach (string query in Corpus[section])
        {
            var result = Parse(section, query);
            Assert.True(result.Diagnostics.Count > 0, query);
            Assert.Equal(kind == DiagnosticKind.Warning, result.IsValid);
            Assert.All(result.Diagnostics, item => Assert.True(kind == item.Kind, $"{query}: {item}"));
        }
    }

    [Fact]
    public void Every_code_is_in_the_corpus()
    {
        var seen = Corpus.SelectMany(section => section.SelectMany(query => Parse(section.Key, query).Diagnostics)).Select(item => item.Code);
        Assert.Empty(Enum.GetValues<DiagnosticCode>().Except(seen));
    }

    [Fact]
    public void A_replacement_makes_its_error_go_away()
    {
        foreach (string section in (string[])["syntax", "invalid", "unsupported", "warning"])
        {
            foreach (string query in Corpus[section])
            {
                foreach (Diagnostic item in TraceQl.Parse(query).Diagnostics.Where(item => item.Replacement is not null))
                {
                    string mended = query[..item.Offset] + item.Replacement + query[(item.Offset + item.Length)..];
                    Assert.True(TraceQl.Parse(mended).Diagnostics.All(again => (again.Offset, again.Code) != (item.Offset, item.Code)), $"{query} became {mended}");
                }
            }
        }
    }

    /// <summary>WAYBILL_GOLDEN_TRACEQL=path writes what is said now, to be read and committed.</summary>
    [Fact]
    public void What_is_said_is_what_was_reviewed()
    {
        var said = from section in Corpus
                   where section.Key != "valid"
                   from query in section
                   let result = Parse(section.Key, query)
                   select string.Concat(result.Diagnostics.Select(item => $"{item.Code.Text()}{(item.Replacement is null ? "" : $" -> {item.Replacement}")}\n{DiagnosticText.Of(query, item)}\n"));
        string all = string.Concat(said);
        if (Environment.GetEnvironmentVariable("WAYBILL_GOLDEN_TRACEQL") is { Length: > 0 } path) File.WriteAllText(path, all);
        Assert.Equal(Embedded.Text("traceql-errors.txt").ReplaceLineEndings("\n"), all);
    }

    [Fact]
    public void Every_production_of_the_tree_is_under_valid()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string query in Corpus["valid"]) Productions.Of(TraceQl.Parse(query).Query!, seen);
        Assert.Empty(Productions.All().Except(seen).Order());
    }

    [Theory]
    [InlineData(@"=\s*0x")]
    [InlineData(@"=\s*0o")]
    [InlineData(@"=\s*0b")]
    [InlineData(@"=\s*0\d")]
    [InlineData(@"\d_\d")]
    [InlineData(@"\de-?\d")]
    [InlineData(@"= \.\d")]
    [InlineData(@"\d\. ")]
    [InlineData(@"\d(ns|us|µs|μs|ms|s|m|h) ")]
    [InlineData(@"\dd ")]
    [InlineData(@"\dw ")]
    [InlineData(@"\dy ")]
    [InlineData(@"\dh\d+m")]
    [InlineData(@"\d\.\ds")]
    [InlineData("`[^`]*\\\\")]
    [InlineData(@"""[^""]*\\n")]
    [InlineData(@"\\x41")]
    [InlineData(@"\\101")]
    [InlineData(@"\\U0001F600")]
    [InlineData(@"\.""with space""")]
    [InlineData(@"\. ?""|\.""d\\""e")]
    [InlineData("//")]
    [InlineData(@"/\*.*\*/")]
    [InlineData("\n")]
    public void Every_way_to_write_a_word_is_under_valid(string pattern) => Assert.Contains(Corpus["valid"], query => Regex.IsMatch(query, pattern));
}
