using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Access;

/// <summary>How people sign in and stay signed in. Section <c>Access</c>; read once, checked at start. Who may do what stands in files: see <see cref="AccountsFile"/> and <see cref="PolicyFile"/>.</summary>
public sealed class AccessOptions
{
    /// <summary>Roles, bindings, OIDC, limits. Default <c>access.yaml</c> in the data directory; without the file the built-in roles hold.</summary>
    public string? PolicyFile { get; set; }

    /// <summary>A session ends when it was not used for so long, in minutes. Default 12 hours: a working day with its breaks.</summary>
    [Range(1, 43_200)] public int SessionIdleMinutes { get; set; } = 12 * 60;

    /// <summary>A session ends so long after its sign-in, in hours. Default a week.</summary>
    [Range(1, 8_760)] public int SessionHoursMax { get; set; } = 7 * 24;

    /// <summary>Sessions at once; the one unused for longest makes room. Default 10,000, a kilobyte each.</summary>
    [Range(10, 1_000_000)] public int SessionsMax { get; set; } = 10_000;

    /// <summary>Passwords of one account checked a minute, from all addresses together. Default 20 (reliability.md E7): half at once, the rest as time goes by.</summary>
    [Range(2, 1_000)] public int SignInsPerMinute { get; set; } = 20;

    /// <summary>Failed sign-ins taken from one address at once; two a minute come back. Default 5.</summary>
    [Range(1, 1_000)] public int FailuresPerAddress { get; set; } = 5;

    /// <summary>Longest life of a token, in days. Default 366.</summary>
    [Range(1, 3_660)] public int TokenDaysMax { get; set; } = 366;
}

[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;
