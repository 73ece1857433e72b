namespace Waybill.Engine.Host;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("INSERT INTO spans (a, b) FORMAT Native", "INSERT INTO spans (a, b)", "Native")]
    [InlineData("insert into t\n(a)\nformat rowbinary ", "insert into t\n(a)", "rowbinary")]
    public void An_insert_that_announces_data_is_split(string sql, string into, string format)
    {
        Assert.True(SqlText.TrySplitInsert(sql, out string actualInto, out string actualFormat));
        Assert.Equal((into, format), (actualInto, actualFormat));
    }

    [Theory]
    [InlineData("INSERT INTO t SELECT 1")]
    [InlineData("INSERT INTO t FORMAT Values")]
    [InlineData("SELECT 1 FORMAT Native")]
    [InlineData("")]
    public void Other_statements_are_not(string sql) => Assert.False(SqlText.TrySplitInsert(sql, out _, out _));

    [Theory]
    [InlineData("INSERT INTO t (a) FORMAT Native\n\u0001;", true)]
    [InlineData("INSERT INTO t FORMAT TSV 1", true)]
    [InlineData("INSERT INTO t VALUES ('x FORMAT TSV')", false)]
    [InlineData("INSERT INTO t FORMAT Values (1)", false)]
    [InlineData("SELECT 1 FORMAT TSV", false)]
    public void Data_in_the_statements_own_text_is_seen(string sql, bool inline) => Assert.Equal(inline, SqlText.HasInlineData(sql));

    [Theory]
    [InlineData("SELECT 1", "Native")]
    [InlineData("SELECT 1 FORMAT JSON", "JSON")]
    [InlineData("SELECT 1 format tsv SETTINGS max_threads = 1;", "tsv")]
    [InlineData("SELECT ' FORMAT TSV'", "Native")]
    public void The_statements_own_format_wins(string sql, string format) => Assert.Equal(format, SqlText.Format(sql, "Native"));

    [Theory]
    [InlineData("SELECT file('/etc/passwd')")]
    [InlineData("SELECT FILE\n(\n'/etc/passwd')")]
    [InlineData("SELECT file/**/('/etc/passwd')")]
    [InlineData("SELECT file -- c\n('/etc/passwd')")]
    [InlineData("SELECT `f\\x69le`('/etc/passwd')")]
    [InlineData("SELECT * FROM s3('x')")]
    [InlineData("SELECT 1 INTO  OUTFILE 'x'")]
    public void Reaching_outside_is_refused(string sql) => Assert.Equal(164, Assert.Throws<EngineException>(() => SqlText.RefuseOutside(sql)).Code);

    [Theory]
    [InlineData("SELECT file, url, profile(1), `a`, \"b\" FROM t WHERE url = 'x' AND (`a` IN (1))")]
    [InlineData("SELECT domain(url), URLHash(url)")]
    public void Columns_of_such_names_are_not(string sql) => SqlText.RefuseOutside(sql);

    [Fact]
    public void The_mark_stands_behind_the_statement_and_before_an_insert()
    {
        Assert.Equal("SELECT 1 -- c\n/*m*/", SqlText.Mark("SELECT 1 -- c ; \n", "m"));
        Assert.Equal("/*m*/ INSERT INTO t VALUES (1)", SqlText.Mark("INSERT INTO t VALUES (1)", "m"));
    }
}
