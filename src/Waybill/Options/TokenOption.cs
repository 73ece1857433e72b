using System.CommandLine;

namespace Waybill.Options;

/// <summary><c>--token</c>: who asks, for every command that asks a server which has users.</summary>
internal static class TokenOption
{
    public const string Variable = "WAYBILL_TOKEN";

    public static readonly Option<string?> Value = new("--token")
    {
        Description = $"Token for a server that asks who you are. Better in the environment, {Variable}: arguments can be seen by others on this machine.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    /// <summary>The token that was given; the environment's otherwise; null when there is none.</summary>
    public static string? Current { get; private set; } = FromEnvironment();

    public static void Take(ParseResult parsed)
    {
        if (parsed.GetValue(Value) is { Length: > 0 } given) Current = given;
    }

    private static string? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } token ? token : null;
}
