using System.Net;
using System.Net.Sockets;

namespace Waybill.Access;

/// <summary>
/// Slows guessing down, and locks nobody out: each address may fail a few times, each account is checked a few times a minute, and whoever has signed in
/// from a device before has that account's attempts on it for himself, so that a stranger's guesses cannot use them up.
/// </summary>
internal sealed class SignInThrottle(AccessOptions options, TimeProvider clock)
{
    private const double AddressPerSecond = 2 / 60.0;

    private readonly TokenBuckets<string> _addresses = new(clock), _accounts = new(clock);

    /// <summary>An attempt that may go on; give it back when it succeeds, so that only failures count.</summary>
    public readonly record struct Attempt(string Address, string Account);

    /// <returns>Null in <c>Wait</c> when the password may be checked now.</returns>
    public (Attempt Attempt, TimeSpan? Wait) Begin(string account, IPAddress? address, string? device)
    {
        string where = device is null ? Network(address) : $"device {device}";
        string whose = device is null ? account.ToLowerInvariant() : $"{account.ToLowerInvariant()} on {device}";
        var attempt = new Attempt(where, whose);
        if (_addresses.Take(where, 1, options.FailuresPerAddress, AddressPerSecond) is { } wait) return (attempt, wait);
        double half = options.SignInsPerMinute / 2.0;
        if (_accounts.Take(whose, 1, half, half / 60) is not { } busy) return (attempt, null);
        _addresses.GiveBack(where, 1);   // it is the account that is busy
        return (attempt, busy);
    }

    public void Succeeded(Attempt attempt)
    {
        _addresses.GiveBack(attempt.Address, 1);
        _accounts.GiveBack(attempt.Account, 1);
    }

    // Who has one IPv6 address has the whole /64.
    private static string Network(IPAddress? address)
    {
        if (address is null) return "unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes).ToString();
    }
}
