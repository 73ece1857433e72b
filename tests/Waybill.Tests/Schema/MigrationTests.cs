using System.Text.RegularExpressions;

namespace Waybill.Schema;

public sealed partial class MigrationTests
{
    [Fact]
    public void Every_table_is_created_so_that_a_half_applied_migration_can_be_applied_again() =>
        Assert.All(Migration.All.SelectMany(m => m.Statements(cluster: null)), statement => Assert.StartsWith("CREATE TABLE IF NOT EXISTS ", statement));

    [Fact]
    public void Every_table_is_durable_and_carries_its_tenant() =>
        Assert.All(Migration.All.SelectMany(m => m.Statements(cluster: null)), statement =>
        {
            Assert.Contains(TableSettings.Durable, statement, StringComparison.Ordinal);
            Assert.True(statement.Contains("tenant ", StringComparison.Ordinal) || statement.Contains(" AS ", StringComparison.Ordinal), statement);
        });

    [Fact]
    public void No_literal_holds_what_splits_or_comments_a_statement() =>
        Assert.All(Migration.All, migration => Assert.DoesNotMatch(Literal(), string.Join('\n', migration.Statements(null))));

    [Fact]
    public void A_cluster_gets_replicated_tables_everywhere() =>
        Assert.All(Migration.All.SelectMany(m => m.Statements("main")), statement =>
        {
            Assert.Contains("ON CLUSTER `main`", statement, StringComparison.Ordinal);
            Assert.Contains("ENGINE = Replicated", statement, StringComparison.Ordinal);
        });

    [GeneratedRegex("'[^'\n]*(--|;)[^'\n]*'")]
    private static partial Regex Literal();
}
