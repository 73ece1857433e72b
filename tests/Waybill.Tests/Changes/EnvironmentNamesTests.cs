namespace Waybill.Changes;

public sealed class EnvironmentNamesTests
{
    [Theory]
    [InlineData("production", "production", true)]
    [InlineData("Production", "production", true)]
    [InlineData("prod", "production", true)]
    [InlineData("development", "dev", true)]
    [InlineData("stage", "staging", true)]
    [InlineData("", "production", true)]
    [InlineData(null, "production", true)]
    [InlineData("staging", "production", false)]
    [InlineData("pr", "production", false)]
    [InlineData("preprod", "production", false)]
    public void Short_forms_are_the_same_and_nothing_is_known_of_what_is_not_said(string? a, string? b, bool same)
    {
        Assert.Equal(same, EnvironmentNames.MayBeSame(a, b));
        Assert.Equal(same, EnvironmentNames.MayBeSame(b, a));
    }
}
