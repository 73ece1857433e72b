using System.Text;

namespace Waybill.Access;

/// <summary>What <c>access.yaml</c> says about masked fields.</summary>
public sealed class MaskedFieldTests
{
    [Fact]
    public void Patterns_alone_and_with_services_and_reason_are_read()
    {
        var (policy, errors) = AccessText.Parse(
            """
            masked:
              - "enduser.*"
              - keys: [customer.tier, plan]
                services: billing
                why: personal data
            """);
        Assert.Empty(errors);
        var mask = policy!.Mask!;
        Assert.True(mask.Covers("enduser.id") && mask.Covers("customer.tier") && mask.Covers("plan"));
        Assert.False(mask.Covers("customer") || mask.Covers("order.id"));
        Assert.Equal("[masked]", mask.Find("enduser.id"u8)!.Instead);
        Assert.Equal("[masked: personal data]", mask.Find("plan"u8)!.Instead);
        Assert.Equal(["billing"], mask.Find("plan"u8)!.Services);
        Assert.Null(AccessText.Parse("roles: {}\n").Policy!.Mask);
    }

    [Fact]
    public void What_rooms_are_built_on_is_not_masked_neither_by_name_nor_by_a_pattern()
    {
        var (policy, errors) = AccessText.Parse("masked: [service.name]\n");
        Assert.Null(policy);
        Assert.Contains("'service.name' cannot be masked", Assert.Single(errors).Message, StringComparison.Ordinal);
        var mask = AccessText.Parse("masked: [\"*\"]\n").Policy!.Mask!;
        Assert.False(mask.Covers("service.name") || mask.Covers("Exception.Message"));
        Assert.True(mask.Covers("anything.else"));
        Assert.NotNull(mask.Find(Encoding.UTF8.GetBytes("url.path")));
    }

    [Theory]
    [InlineData("masked: [{services: [a]}]", "Write the attributes' names")]
    [InlineData("masked: [{keys: [a], because: x}]", "There is no such field")]
    [InlineData("masked: a", "Write a list")]
    public void What_is_wrong_is_said_with_its_line(string yaml, string message)
    {
        var (policy, errors) = AccessText.Parse(yaml + "\n");
        Assert.Null(policy);
        Assert.Contains(errors, error => error.Line == 1 && error.Message.Contains(message, StringComparison.Ordinal));
    }
}
