namespace Waybill.Engine.Host;

public sealed class SessionProfileTests
{
    private static readonly EngineHostOptions Options = new() { DataDirectory = "d", SocketPath = "s" };

    [Fact]
    public void Readonly_is_set_last_and_only_for_reads()
    {
        Assert.Equal("SET readonly = 1", SessionProfile.Create(Options, readOnly: true, null, []).Statements[^1]);
        Assert.DoesNotContain("readonly", SessionProfile.Create(Options, readOnly: false, null, []).Key, StringComparison.Ordinal);
    }

    [Fact]
    public void Requested_settings_replace_the_defaults_and_cannot_leave_their_quotes()
    {
        var profile = SessionProfile.Create(Options, readOnly: true, "logs", [new("max_threads", "1'; DROP \\")]);
        Assert.Equal("USE `logs`", profile.Statements[0]);
        Assert.Contains(@"max_threads = '1\'; DROP \\'", profile.Statements[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_settings_in_another_order_are_the_same_profile() => Assert.Equal(
        SessionProfile.Create(Options, true, null, [new("a", "1"), new("b", "2")]).Key, SessionProfile.Create(Options, true, null, [new("b", "2"), new("a", "1")]).Key);

    [Theory]
    [InlineData("max threads")]
    [InlineData("max_threads = 1, readonly")]
    [InlineData("Max")]
    [InlineData("")]
    public void What_is_no_name_of_a_setting_is_refused(string name) => Assert.Equal(115, Assert.Throws<EngineException>(() => SessionProfile.Create(Options, true, null, [new(name, "1")])).Code);

    [Fact]
    public void What_is_no_name_of_a_database_is_refused() => Assert.Equal(81, Assert.Throws<EngineException>(() => SessionProfile.Create(Options, true, "a`b", [])).Code);
}
