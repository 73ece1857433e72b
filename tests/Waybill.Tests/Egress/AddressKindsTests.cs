using System.Net;

namespace Waybill.Egress;

public sealed class AddressKindsTests
{
    [Theory]
    [InlineData("93.184.216.34", AddressKind.Public)]
    [InlineData("9.255.255.255", AddressKind.Public)]
    [InlineData("11.0.0.0", AddressKind.Public)]
    [InlineData("172.15.255.255", AddressKind.Public)]
    [InlineData("172.32.0.0", AddressKind.Public)]
    [InlineData("100.63.255.255", AddressKind.Public)]
    [InlineData("100.128.0.0", AddressKind.Public)]
    [InlineData("223.255.255.255", AddressKind.Public)]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946", AddressKind.Public)]
    [InlineData("::ffff:93.184.216.34", AddressKind.Public)]
    [InlineData("64:ff9b::5db8:d822", AddressKind.Public)]
    [InlineData("10.0.0.0", AddressKind.Internal)]
    [InlineData("127.255.255.255", AddressKind.Internal)]
    [InlineData("172.31.255.255", AddressKind.Internal)]
    [InlineData("192.168.255.255", AddressKind.Internal)]
    [InlineData("100.64.0.0", AddressKind.Internal)]
    [InlineData("::1", AddressKind.Internal)]
    [InlineData("fd12::1", AddressKind.Internal)]
    [InlineData("::ffff:192.168.0.1", AddressKind.Internal)]
    [InlineData("2002:c0a8:1::", AddressKind.Internal)]
    [InlineData("0.0.0.0", AddressKind.Never)]
    [InlineData("169.254.169.254", AddressKind.Never)]
    [InlineData("100.100.100.200", AddressKind.Never)]
    [InlineData("fd00:ec2::254", AddressKind.Never)]
    [InlineData("fe80::1", AddressKind.Never)]
    [InlineData("::", AddressKind.Never)]
    [InlineData("::ffff:169.254.169.254", AddressKind.Never)]
    [InlineData("224.0.0.1", AddressKind.Never)]
    [InlineData("255.255.255.255", AddressKind.Never)]
    [InlineData("ff02::1", AddressKind.Never)]
    [InlineData("2001:db8::1", AddressKind.Never)]
    [InlineData("4000::1", AddressKind.Never)]
    internal void Addresses_are_sorted_by_what_they_are_for(string address, AddressKind kind) => Assert.Equal(kind, AddressKinds.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://hooks.test/")]
    [InlineData("http://hooks.test:8080/x?y")]
    public void Web_addresses_may_be_tried(string target) => Assert.Null(OutgoingCalls.Wrong(new Uri(target)));

    [Theory]
    [InlineData("file:///etc/passwd", "only http and https")]
    [InlineData("gopher://hooks.test/", "only http and https")]
    [InlineData("https://user:pass@hooks.test/", "user or password")]
    public void Others_are_told_why_not(string target, string why) => Assert.Contains(why, OutgoingCalls.Wrong(new Uri(target)), StringComparison.Ordinal);
}
