using System.Text.RegularExpressions;

namespace Waybill.Schema;

public sealed partial class MigrationTests
{
    [Fact]
    public void Every_statement_can_be_repeated_so_that_a_half_applied_migration_can_be_applied_again() =>
        Assert.All(Statements(null), statement => Assert.Matches(@"^(CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS |ALTER TABLE \w+\s+(ON CLUSTER `\w+` )?(ADD (COLUMN|INDEX) IF NOT EXISTS|MATERIALIZE INDEX) )", statement));

    [Fact]
    public void Every_table_is_durable_and_carries_its_tenant() =>
        Assert.All(Statements(null).Where(IsTable), statement =>
        {
            Assert.Contains(TableSettings.Durable, statement, StringComparison.Ordinal);
            Assert.True(statement.Contains("tenant ", StringComparison.Ordinal) || statement.Contains(" AS ", StringComparison.Ordinal), statement);
        });

    [Fact]
    public void No_literal_holds_what_splits_or_comments_a_statement() =>
        Assert.All(Migration.All, migration => Assert.DoesNotMatch(Literal(), string.Join('\n', migration.Statements(null))));

    [Fact]
    public void A_view_fills_a_table_of_ours_and_keeps_the_tenant() =>
        Assert.All(Statements(null).Where(statement => statement.StartsWith("CREATE MATERIALIZED", StringComparison.Ordinal)), statement => Assert.Matches(@" TO \w+ AS\s+SELECT tenant,", statement));

    [Fact]
    public void A_cluster_gets_replicated_tables_everywhere()
    {
        Assert.All(Statements("main"), statement => Assert.Contains("ON CLUSTER `main`", statement, StringComparison.Ordinal));
        Assert.All(Statements("main").Where(IsTable), statement => Assert.Contains("ENGINE = Replicated", statement, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Statements(string? cluster) => Migration.All.SelectMany(migration => migration.Statements(cluster));

    private static bool IsTable(string statement) => statement.StartsWith("CREATE TABLE", StringComparison.Ordinal);

    [GeneratedRegex("'[^'\n]*(--|;)[^'\n]*'")]
    private static partial Regex Literal();
}
