using System.Diagnostics;
using System.Globalization;
using System.Text;
using Waybill.Query.Diagnostics;


namespace Waybill.Query;

/// <summary>Texts that nobody would write. WAYBILL_FUZZ_TRACEQL=1000000 makes it long, WAYBILL_SEED repeats a run.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Short = 5_000;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private static readonly string[] Pieces =
    [
        "{", "}", "(", ")", "|", "||", "&&", "&", "=", "==", "!=", "=~", "!~", "!", "<", "<<", "<=", ">", ">>", ">=", "~", "!>", "!>>", "!<", "!<<", "&>", "&>>", "&<", "&<<", "&~", "+", "-", "*", "/", "%", "^", ",",
        ".", ".a", "span.", "span.x", "resource.service.name", "parent.", "event:name", "span:", "trace:id", "link:", ".\"", "\"", "\"x\"", "`", "'", "\\", "\"\\", "//", "/*", "*/", "\n", " ", "\t", "\0", "\ud83d", "\u00b5",
        "1", "0x", "09", "1e", "1.", ".5", "1s", "1h30m", "1.5d", "9223372036854775808", "99999999999999999999h", "true", "nil", "error", "server", "duration", "name", "status", "and", "not", "minInt",
        "count()", "avg(", "by(", "coalesce()", "select(", "rate()", "quantile_over_time(", "compare(", "topk(", "with(", "sample=", "{ }", "{ } | ", "({ } | rate()) ", "=~ \"(a|b\"", "=~ \"[\"", "=~ \"\\\\Q\"", "=~ \"x{1000}\"",
    ];

    [Fact]
    public void No_text_breaks_the_parser_and_every_error_has_a_place_in_the_text()
    {
        int runs = Number("WAYBILL_FUZZ_TRACEQL", Short), seed = Number("WAYBILL_SEED", Random.Shared.Next());
        output.WriteLine($"WAYBILL_SEED={seed}");
        var random = new Random(seed);
        var generator = new QueryGenerator(random);
        int valid = 0;
        for (int i = 0; i < runs; i++)
        {
            string text = random.Next(3) switch
            {
                0 => string.Concat(Enumerable.Range(0, 1 + random.Next(random.Next(20) == 0 ? 400 : 14)).Select(_ => Pieces[random.Next(Pieces.Length)])),
                1 => Mutated(generator.Metrics().ToString(), random),
                _ => Mutated(generator.Search().ToString(), random),
            };
            if (Check(text)) valid++;
        }
        output.WriteLine($"{valid} of {runs} texts were queries.");
        Assert.True(valid > runs / 20, "Mutations that leave nothing valid do not reach the checker.");
    }

    /// <summary>True for a query.</summary>
    private static bool Check(string text)
    {
        long begin = Stopwatch.GetTimestamp();
        var result = TraceQl.Parse(text);
        string shown = DiagnosticText.Of(text, result.Diagnostics);
        var filter = LogFilter.Parse(text);
        Assert.True(Stopwatch.GetElapsedTime(begin) < Slow, $"Slow: {text}");
        Assert.True(result.IsValid || result.Diagnostics.Count > 0 && shown.Length > 0, $"Neither a query nor an error: {text}");
        Assert.All(result.Diagnostics.Concat(filter.Diagnostics), item => Assert.True(IsInside(item, text), $"{item.Code} at {item.Offset}+{item.Length} of {text.Length}: {text}"));
        if (result.IsValid) Assert.Equal(result.Query, TraceQl.Parse(result.Query.ToString()).Query);
        return result.IsValid;
    }

    private static bool IsInside(Diagnostic item, string text) =>
        item is { Offset: >= 0, Length: >= 0, Line: >= 1, Column: >= 1 } && item.Offset + item.Length <= text.Length && item.Message.Length > 0 && Position(text, item.Line, item.Column) == item.Offset;

    private static int Position(string text, int line, int column)
    {
        int start = 0;
        for (; line > 1; line--) start = text.IndexOf('\n', start) + 1;
        return start + column - 1;
    }

    private static string Mutated(string text, Random random)
    {
        var mutated = new StringBuilder(text);
        for (int edits = random.Next(4); edits > 0 && mutated.Length > 0; edits--)
        {
            int at = random.Next(mutated.Length);
            switch (random.Next(5))
            {
                case 0: mutated.Remove(at, 1 + random.Next(Math.Min(4, mutated.Length - at))); break;
                case 1: mutated.Insert(at, Pieces[random.Next(Pieces.Length)]); break;
                case 2: mutated[at] = (char)random.Next(128); break;
                case 3: mutated.Insert(at, mutated.ToString(at, random.Next(mutated.Length - at))); break;
                default: mutated[at] = (char)random.Next(0x10000); break;
            }
        }
        return mutated.ToString();
    }

    private static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
