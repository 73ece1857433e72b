using System.Runtime.CompilerServices;
using System.Text;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Metrics;

/// <summary>The SQL of every family, function and temporality is the committed one: a change of it is seen, and read, before it is kept.</summary>
public sealed class RangeSqlTests
{
    private const string Switch = "WAYBILL_UPDATE_SQL";
    private const SeriesTemporality Both = SeriesTemporality.Totals | SeriesTemporality.Increases;

    [Fact]
    public void The_sql_of_every_shape_is_the_committed_one()
    {
        var text = new StringBuilder();
        var parameters = new SqlParameters();
        Append(text, "the series: filters, labels, one kind and unit", Selected(parameters) + "\n" + string.Join('\n', parameters.Bound.Select(bound => $"-- {bound.Key} = {bound.Value}")));
        Append(text, "the series: without resources", new SeriesSelection("t", "m", default).Rows([new("service")], new SqlParameters()));
        foreach (SeriesFamily family in Enum.GetValues<SeriesFamily>()) Append(text, $"the series: of family {family}", SeriesFamilies.Sql(family));
        foreach (RangeFunction function in SeriesFamilies.Functions(SeriesFamily.Level)) Append(text, $"{function} of a level", RangeSql.Levels("SERIES", SeriesFamily.Level, function));
        Append(text, "a quantile of a summary", RangeSql.Levels("SERIES", SeriesFamily.Summary, RangeFunction.P90));
        foreach (RangeFunction function in SeriesFamilies.Functions(SeriesFamily.Counter)) Append(text, $"{function} of a counter", RangeSql.Counts("SERIES", SeriesFamily.Counter, function, SeriesTemporality.Totals));
        foreach (RangeFunction function in (RangeFunction[])[RangeFunction.Rate, RangeFunction.Count, RangeFunction.Sum, RangeFunction.Avg])
            Append(text, $"{function} of a distribution", RangeSql.Counts("SERIES", SeriesFamily.Distribution, function, SeriesTemporality.Increases));
        Append(text, "rate of a counter that some tell as increases", RangeSql.Counts("SERIES", SeriesFamily.Counter, RangeFunction.Rate, Both));
        Append(text, "cells of histograms", RangeSql.Buckets("SERIES", Both));
        Append(text, "cells of exponential histograms", RangeSql.ExponentialBuckets("SERIES", Both));
        Compare(text.ToString());
    }

    [Fact]
    public void No_text_of_a_question_is_in_its_sql()
    {
        const string Hostile = "' OR 1 = 1 --";
        Assert.True(SeriesFilter.TryParse($"{Hostile}={Hostile}", out SeriesFilter filter));
        var selection = new SeriesSelection(Hostile, Hostile, default) { Filters = [filter, filter with { Key = new("resource." + Hostile), IsNegated = true }], Unit = Hostile };
        Assert.DoesNotContain("OR 1", selection.Rows([new(Hostile), new("resource." + Hostile)], new SqlParameters()), StringComparison.Ordinal);
    }

    private static string Selected(SqlParameters parameters) => new SeriesSelection("t", "m", new TimeRange(3_600_000_000_000, 7_200_000_000_000))
    {
        Filters = [new(new("http.route"), "/cart", IsNegated: false), new(new("resource.host.name"), "h1", IsNegated: true), new(new("service"), "cart", IsNegated: false)],
        Kind = MetricKind.Sum, Unit = "1", Family = SeriesFamily.Counter,
    }.Rows([new("http.route"), new("resource.host.name")], parameters);

    private static void Append(StringBuilder text, string shape, string sql) => text.Append("== ").Append(shape).Append('\n').Append(sql).Append("\n\n");

    private static void Compare(string actual, [CallerFilePath] string here = "")
    {
        string golden = Path.Combine(Path.GetDirectoryName(here)!, "range.sql.txt");
        if (Environment.GetEnvironmentVariable(Switch) is { Length: > 0 }) File.WriteAllText(golden, actual);
        string committed = File.Exists(golden) ? File.ReadAllText(golden) : "";
        Assert.True(committed == actual, $"The SQL is not the committed one. Run: {Switch}=1 dotnet test --project tests/Waybill.Tests --filter-class '*RangeSqlTests', and read the difference.");
    }
}
