using System.CommandLine;

namespace Waybill.Options;

/// <summary><c>--server</c>: the console of the server to ask, for every command that asks one.</summary>
internal static class ServerOption
{
    public const string Variable = "WAYBILL_SERVER";

    public static readonly Option<Uri> Value = UrlOption.Create("--server", $"Console of the server. Also environment {Variable}.", Default, "-s");

    public static Uri Server(this ParseResult parsed) => parsed.GetRequiredValue(Value);

    /// <summary><c>WAYBILL_SERVER</c>, or this machine at the port that <c>waybill serve</c> takes with the same environment.</summary>
    private static Uri Default() => UrlOption.TryRead(Environment.GetEnvironmentVariable(Variable)) ?? new Uri($"http://127.0.0.1:{Ports.Console}");
}
