using System.Text;
using Waybill.Query;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>The SQL of every shape of query is the committed one: a change of it is seen, and read, before it is kept.</summary>
public sealed class SearchSqlTests
{
    private static readonly KnownKeys Known = new(
        new HashSet<string> { "s:user.id", "i:retries", "d:ratio", "b:cached", "s:mixed", "i:mixed", "s:peer.service" }, new HashSet<string> { "s:service.name", "s:k8s.pod.name" },
        new HashSet<string> { "s:exception.type" }, new HashSet<string>(), new HashSet<string>());

    private static readonly string[] Searches =
    [
        "{}",
        "{ resource.service.name = \"cart\" && status = error && duration > 100ms }",
        "{ span.user.id = \"4711\" }",
        "{ .user.id = \"4711\" || .user.id = \"4712\" }",
        "{ span.mixed = 5 }",
        "{ span.retries > 2 && span.ratio < 0.5 && span.cached && !span.cached }",
        "{ span.http.request.method =~ \"P.*\" && span.http.response.status_code >= 500 && span.http.route != \"/\" }",
        "{ span.unknown = \"x\" }",
        "{ span.user.id != \"\" && span.peer.service != nil && span.user.id = nil }",
        "{ resource.k8s.pod.name = \"a\" && resource.service.name != \"b\" && .service.name = \"c\" }",
        "{ event:name = \"exception\" && event.exception.type != \"Timeout\" && instrumentation:name = \"lib\" }",
        "{ trace:id = \"0af7651916cd43dd8448eb211c80319c\" && span:parentID = \"\" && nestedSetParent < 0 && kind = server }",
        "{ rootName = \"GET /\" && rootServiceName = \"shop\" && traceDuration > 1s }",
        "{ span.user.id = span.peer.service && duration > span.retries }",
        "{ duration / 2 > 5ms && status = error }",
        "{ !(name = \"a\") && (kind = client || statusMessage = \"\") }",
        "{ status = error } | { duration > 1s } | by(name) | select(span.user.id)",
        "{ status = error } && { kind = server }",
        "{ name = \"a\" } > { name = \"b\" }",
        "{ name = \"a\" } >> { name = \"b\" }",
        "{ name = \"a\" } !<< { name = \"b\" }",
        "{ name = \"a\" } &~ { name = \"b\" }",
        "({ name = \"a\" } < { name = \"b\" }) || { status = error }",
        "{ status = error } | count() > 3 | avg(duration) > 1s",
        "{ } | by(name) | count() > 3",
    ];

    private static readonly string[] Metrics =
    [
        "{} | rate()",
        "{ status = error } | count_over_time() by (resource.service.name, span.http.response.status_code, span.user.id, resource.k8s.pod.name, name)",
        "{} | quantile_over_time(duration, .9) by (kind)",
        "{} | avg_over_time(span.ratio) by (.mixed, status)",
        "{ name = \"a\" } >> { name = \"b\" } | max_over_time(duration)",
    ];

    [Fact]
    public void The_sql_of_every_shape_is_the_committed_one()
    {
        var text = new StringBuilder();
        foreach (string query in Searches)
        {
            SearchSql sql = SearchSql.Of(((SearchQuery)TraceQl.Parse(query).Query!).Pipeline, Known);
            Append(text, query, sql.Selection, sql.Candidates, sql.LongTraces);
        }
        foreach (string query in Metrics)
        {
            var pipeline = (MetricsPipeline)((MetricsQuery)TraceQl.Parse(query).Query!).Metrics;
            MetricSql sql = MetricSql.Of(pipeline.Source, (RangeAggregate)pipeline.Aggregate, Known)!;
            Append(text, query, sql.Selection, sql.Statement);
        }
        GoldenSql.Compare(text.ToString(), "search.sql.txt");
    }

    [Theory]
    [InlineData("{ span.a = \"' OR 1 = 1 --\" }")]
    [InlineData("{ .\"'); DROP TABLE spans --\" = 5 }")]
    [InlineData("{ name =~ \"'}{\" } >> { resource.\"`x\" > 1.5 }")]
    public void No_text_of_a_query_is_in_its_sql(string query)
    {
        SearchSql sql = SearchSql.Of(((SearchQuery)TraceQl.Parse(query).Query!).Pipeline, KnownKeys.Unknown);
        foreach (string part in (string[])["OR 1 = 1", "DROP", "`x", "'}{"]) Assert.DoesNotContain(part, sql.Candidates + sql.LongTraces, StringComparison.Ordinal);
    }

    private static void Append(StringBuilder text, string query, SpanSelection selection, params string?[] statements)
    {
        text.Append("== ").Append(query).Append(selection.IsFlat ? "" : "   [whole traces]").Append(selection.IsExact ? "\n" : "   [checked again]\n");
        foreach (string? statement in statements)
            if (statement is not null) text.Append(statement).Append('\n');
        text.AppendJoin("", selection.Parameters.Select(parameter => $"-- {parameter.Key} = {parameter.Value}\n")).Append('\n');
    }
}
