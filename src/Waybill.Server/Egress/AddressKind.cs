using System.Net;
using System.Net.Sockets;

namespace Waybill.Egress;

/// <summary>What an address is for, as far as it matters to who may be called.</summary>
internal enum AddressKind : byte
{
    /// <summary>On the internet.</summary>
    Public,
    /// <summary>Of this machine or its network: loopback, RFC 1918, carrier-grade NAT, unique local.</summary>
    Internal,
    /// <summary>Nobody's to be called: link-local (where clouds keep the machine's credentials), multicast, unspecified, reserved, documentation.</summary>
    Never,
}

/// <summary>Sorts addresses by the registries of special-purpose addresses (RFC 6890 and what IANA added). What they do not list as global is not called.</summary>
internal static class AddressKinds
{
    private static readonly (IPNetwork Network, AddressKind Kind)[] Of4 = Table(
        (AddressKind.Internal, ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15"]),
        (AddressKind.Never, ["0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"]),
        // Not reserved, but where Azure, Oracle and Alibaba keep what AWS keeps at 169.254.169.254.
        (AddressKind.Never, ["168.63.129.16/32", "192.0.0.192/32", "100.100.100.200/32"]));

    private static readonly (IPNetwork Network, AddressKind Kind)[] Of6 = Table(
        (AddressKind.Internal, ["::1/128", "fc00::/7"]),
        (AddressKind.Never, ["fd00:ec2::254/128", "fd20:ce::254/128", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "64:ff9b:1::/48"]));

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3"), Nat64 = IPNetwork.Parse("64:ff9b::/96"), Compatible = IPNetwork.Parse("::/96"), SixToFour = IPNetwork.Parse("2002::/16");

    public static AddressKind Of(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return Find(Of4, address) ?? AddressKind.Public;
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return AddressKind.Never;
        if (Find(Of6, address) is { } listed) return listed;
        if (Inner(address) is { } inner) return Of(inner);
        return Global6.Contains(address) ? AddressKind.Public : AddressKind.Never;
    }

    /// <summary>The IPv4 address that an IPv6 address stands for, by mapping, NAT64 or 6to4; null when for none.</summary>
    private static IPAddress? Inner(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        byte[] bytes = address.GetAddressBytes();
        if (SixToFour.Contains(address)) return new IPAddress(bytes.AsSpan(2, 4));
        return Nat64.Contains(address) || Compatible.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4)) : null;
    }

    // The narrowest network that is listed wins: a cloud's one address within a private network.
    private static AddressKind? Find((IPNetwork Network, AddressKind Kind)[] table, IPAddress address)
    {
        foreach (var (network, kind) in table)
            if (network.Contains(address)) return kind;
        return null;
    }

    private static (IPNetwork, AddressKind)[] Table(params (AddressKind Kind, string[] Networks)[] groups) =>
        [.. groups.SelectMany(group => group.Networks.Select(network => (IPNetwork.Parse(network), group.Kind))).OrderByDescending(entry => entry.Item1.PrefixLength)];
}
