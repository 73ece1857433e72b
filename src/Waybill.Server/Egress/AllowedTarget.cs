using System.Net;

namespace Waybill.Egress;

/// <summary>A line of <see cref="EgressOptions.Allow"/>: a name or a network.</summary>
internal sealed record AllowedTarget(string? Host, IPNetwork? Network)
{
    public static AllowedTarget? Parse(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network)) return new AllowedTarget(null, network);
        if (IPAddress.TryParse(text, out IPAddress? address)) return new AllowedTarget(null, new IPNetwork(address, address.GetAddressBytes().Length * 8));
        string name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return Uri.CheckHostName(name) == UriHostNameType.Dns ? new AllowedTarget(text.TrimEnd('.'), null) : null;
    }

    public bool Covers(string host) => Host is not null
        && (Host.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(Host[1..], StringComparison.OrdinalIgnoreCase) : host.Equals(Host, StringComparison.OrdinalIgnoreCase));

    public bool Covers(IPAddress address) => Network is { } network && network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address);
}
