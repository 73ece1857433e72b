using System.Text;
using Waybill.Query;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>The SQL of every kind of condition on log records is the committed one.</summary>
public sealed class LogSqlTests
{
    private static readonly string[] Filters =
    [
        "{ }",
        "{ severity >= warn }",
        "{ severity != nil && severity = error }",
        "{ body = \"ready\" && body != \"x\" }",
        "{ body =~ \"card (declined|expired).*\" && body !~ \"test.*\" }",
        "{ body != nil }",
        "{ service = \"cart\" && severityText = \"ERROR\" && eventName = \"login\" }",
        "{ severityText != nil || eventName != nil }",
        "{ trace:id = \"0af7651916cd43dd8448eb211c80319c\" && span:id = \"b7ad6b7169203331\" }",
        "{ trace:id = \"short\" || trace:id =~ \"0af.*\" }",
        "{ span:id != nil && !(trace:id != nil) }",
        "{ log.user.id = \"u1\" }",
        "{ log.n > 5 && log.n <= 7.5 && log.took > 100ms }",
        "{ log.cached && !log.cached }",
        "{ log.user.id = nil && log.user.id != nil }",
        "{ resource.k8s.pod.name = \"a\" && resource.k8s.pod.name != \"b\" }",
        "{ instrumentation.lib = \"x\" && instrumentation:name = \"Cart\" && instrumentation:version != \"1\" }",
        "{ .any = \"x\" }",
        "{ .any = nil || !(.any != 3) }",
        "{ 5 < log.n }",
        "{ true && !false }",
        "{ log.a = log.b }",
    ];

    [Fact]
    public void The_sql_of_every_condition_is_the_committed_one()
    {
        var text = new StringBuilder();
        foreach (string filter in Filters)
        {
            var parameters = new SqlParameters();
            QueryResult<SpansetFilter> parsed = LogFilter.Parse(filter);
            Assert.True(parsed.IsValid, $"{filter}: {string.Join(' ', parsed.Diagnostics)}");
            string? sql = LogConditionSql.Of(parsed.Query, parameters);
            text.Append("== ").Append(filter).Append('\n').Append(sql ?? "[not answered]").Append('\n');
            text.AppendJoin("", parameters.Bound.Select(parameter => $"-- {parameter.Key} = {parameter.Value}\n")).Append('\n');
        }
        GoldenSql.Compare(text.ToString(), "logs.sql.txt");
    }

    [Theory]
    [InlineData("{ log.a = \"' OR 1 = 1 --\" }")]
    [InlineData("{ .\"'); DROP TABLE logs --\" = 5 }")]
    [InlineData("{ body =~ \"'}{\" || resource.\"`x\" > 1.5 }")]
    public void No_text_of_a_filter_is_in_its_sql(string filter)
    {
        string sql = LogConditionSql.Of(LogFilter.Parse(filter).Query!, new SqlParameters())!;
        foreach (string part in (string[])["OR 1 = 1", "DROP", "`x", "'}{"]) Assert.DoesNotContain(part, sql, StringComparison.Ordinal);
    }
}
