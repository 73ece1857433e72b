using System.CommandLine;

namespace Waybill.Options;

/// <summary>What <c>waybill deploy</c> and <c>waybill change</c> have in common.</summary>
internal static class ReportOptions
{
    public const string EndpointVariable = "WAYBILL_ENDPOINT", TokenVariable = "WAYBILL_TOKEN";

    private static readonly Option<Uri> Endpoint = UrlOption.Create("--endpoint", $"OTLP/HTTP address of the server. Also environment {EndpointVariable}. A token goes into {TokenVariable}.",
        () => UrlOption.TryRead(Environment.GetEnvironmentVariable(EndpointVariable)) ?? new Uri($"http://127.0.0.1:{Ports.OtlpHttp}"));

    private static readonly Option<int> Patience = new("--wait-seconds") { Description = "How long to try while the server is away or busy.", HelpName = "N", DefaultValueFactory = _ => 30 };

    private static readonly Option<string> State = Choice();

    /// <summary>Options that are a field of the change, by the field's name.</summary>
    private static readonly (string Field, Option<string?> Option)[] Texts =
    [
        ("environment", Text("--environment", "Where, as deployment.environment.name says it.", "-e")),
        ("zone", Text("--zone", "The availability zone, when it is only one.")),
        ("instance", Text("--instance", "The service.instance.id, when it is only one.")),
        ("summary", Text("--summary", "What was done, in a sentence.", "-m")),
        ("previousVersion", Text("--previous-version", "The version before.")),
        ("commit", Text("--commit", "Commit. Default: the pipeline's.")),
        ("previousCommit", Text("--previous-commit", "Commit before; with it the change links to what lies between.")),
        ("repository", Text("--repository", "Address of the repository. Default: the pipeline's.")),
        ("artifact", Text("--artifact", "Package URL of what was deployed, as pkg:oci/orders@sha256%3A...")),
        ("author", Text("--author", "Who did it. Default: who started the pipeline.")),
        ("started", Text("--started", "When it began (RFC 3339). Default now.")),
        ("finished", Text("--finished", "When it ended.")),
        ("before", Text("--before", "What it was before: text, JSON, or @FILE.")),
        ("after", Text("--after", "What it is now: text, JSON, or @FILE.")),
        ("id", Text("--id", "Name of the change. Reports of one name are one change. Default: made of the pipeline's run.")),
    ];

    public static void AddTo(Command command)
    {
        command.Add(State);
        foreach (var (_, option) in Texts) command.Add(option);
        command.Add(Endpoint);
        command.Add(Patience);
    }

    /// <summary>The fields that were given.</summary>
    /// <exception cref="CommandFailure">A file cannot be read.</exception>
    public static Dictionary<string, string?> Fields(ParseResult parsed)
    {
        var fields = new Dictionary<string, string?>();
        foreach (var (field, option) in Texts) fields[field] = Content(parsed.GetValue(option), option.Name);
        fields["outcome"] = parsed.GetValue(State) switch
        {
            "started" => "running",
            "failed" => "failure",
            "cancelled" => "cancelled",
            _ => "success",
        };
        return fields;
    }

    public static Uri EndpointOf(ParseResult parsed) => parsed.GetRequiredValue(Endpoint);

    public static TimeSpan PatienceOf(ParseResult parsed) => TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(Patience), 0, 3600));

    private static string? Content(string? text, string option)
    {
        if (text is not ['@', .. { Length: > 0 } path] || option is not ("--before" or "--after")) return text;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{option}: {e.Message}");
        }
    }

    private static Option<string?> Text(string name, string description, params string[] aliases) => new(name, aliases) { Description = description, HelpName = "TEXT" };

    private static Option<string> Choice()
    {
        var option = new Option<string>("--state") { Description = "started when it begins, else how it ended.", DefaultValueFactory = _ => "succeeded" };
        option.AcceptOnlyFromAmong("started", "succeeded", "failed", "cancelled");
        return option;
    }
}
