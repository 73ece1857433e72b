using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;

namespace Waybill.Query;

public sealed class GeneratedQueryTests
{
    private const int Seed = 4711, Queries = 3000;

    [Fact]
    public void Every_generated_query_passes_the_checker_and_reads_back_as_itself()
    {
        var generator = new QueryGenerator(new Random(Seed));
        for (int i = 0; i < Queries; i++)
        {
            TraceQuery query = i % 3 == 0 ? generator.Metrics() : generator.Search();
            string text = query.ToString();
            var read = TraceQl.Parse(text);
            Assert.True(read.IsValid, $"{text}\n{string.Join('\n', read.Diagnostics)}");
            Assert.Equal(query, read.Query);
            Assert.Equal(text, read.Query.ToString());
        }
    }

    [Fact]
    public void Generated_queries_meet_generated_traces()
    {
        var random = new Random(Seed);
        var (traces, queries) = (new TraceGenerator(random), new QueryGenerator(random));
        int matched = 0, some = 0;
        for (int i = 0; i < Queries; i++)
        {
            Trace trace = traces.Next();
            int spans = new Interpreter(trace).Search(queries.Search().Pipeline).Sum(set => set.Spans.Count);
            if (spans > 0) matched++;
            if (spans > 0 && spans < trace.Spans.Count) some++;
        }
        Assert.InRange(matched, Queries / 3, Queries * 9 / 10);
        Assert.True(some > Queries / 6, $"{some} of {Queries} queries tell spans of a trace apart.");
    }

    [Fact]
    public void Generated_metrics_have_samples()
    {
        var random = new Random(Seed);
        var (traces, queries) = (new TraceGenerator(random), new QueryGenerator(random));
        var window = MetricsWindow.Over(1_700_000_000_000_000_000, 1_700_000_060_000_000_000, 5_000_000_000);
        int some = 0;
        for (int i = 0; i < Queries / 10; i++)
        {
            Trace[] few = [.. Enumerable.Range(0, 10).Select(_ => traces.Next())];
            if (new MetricsInterpreter(few, window).Run(queries.Metrics()).Count > 0) some++;
        }
        Assert.True(some > Queries / 10 / 2, $"{some} of {Queries / 10} have samples.");
    }
}
