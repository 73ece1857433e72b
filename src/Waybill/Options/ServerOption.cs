using System.CommandLine;
using System.CommandLine.Parsing;

namespace Waybill.Options;

/// <summary><c>--server</c>: the console of the server to ask, for every command that asks one.</summary>
internal static class ServerOption
{
    public const string Variable = "WAYBILL_SERVER";

    public static readonly Option<Uri> Value = new("--server", "-s")
    {
        Description = $"Console of the server. Also environment {Variable}.",
        HelpName = "URL",
        DefaultValueFactory = _ => Default(),
        CustomParser = Parse,
    };

    public static Uri Server(this ParseResult parsed) => parsed.GetRequiredValue(Value);

    /// <summary><c>WAYBILL_SERVER</c>, or this machine at the port that <c>waybill serve</c> takes with the same environment.</summary>
    private static Uri Default() => Url(Environment.GetEnvironmentVariable(Variable)) ?? new Uri($"http://127.0.0.1:{Ports.Console}");

    private static Uri? Parse(ArgumentResult argument)
    {
        if (Url(argument.Tokens[0].Value) is { } url) return url;
        argument.AddError($"--server '{argument.Tokens[0].Value}' is not a URL. It looks like http://127.0.0.1:4319.");
        return null;
    }

    private static Uri? Url(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;
}
