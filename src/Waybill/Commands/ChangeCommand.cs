using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Waybill.Changes;
using Waybill.Api;
using Waybill.Options;
using Waybill.Sending;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill change</c>: anyone and any script says what they change.</summary>
internal static class ChangeCommand
{
    private static readonly HashSet<string> OfServices = ["deployment", "rollback", "config", "credential_rotation", "load_balancer", "failover", "infrastructure"];

    public static Command Create()
    {
        var kind = new Argument<string>("KIND") { Description = string.Join(", ", ChangeKind.All) + "." };
        kind.AcceptOnlyFromAmong([.. ChangeKind.All]);
        var subject = new Argument<string>("SUBJECT") { Description = "What is changed: a service, or a flag, job, table or anything else, with its --service." };
        var service = new Option<string?>("--service") { Description = "The service.name that it concerns.", HelpName = "TEXT" };
        var version = new Option<string?>("--version-to") { Description = "The version it goes to.", HelpName = "TEXT" };
        var command = new Command("change", "Report a change of configuration, a flag, a schema, a credential, a job or anything else.") { kind, subject, service, version };
        ReportOptions.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var fields = ReportOptions.Fields(parsed);
            string what = parsed.GetRequiredValue(kind), named = parsed.GetRequiredValue(subject);
            fields["kind"] = what;
            fields["version"] = parsed.GetValue(version);
            // Of what concerns services, the one word there is names the service.
            bool isService = parsed.GetValue(service) is null && OfServices.Contains(what);
            fields[isService ? "service" : "subject"] = named;
            if (!isService) fields["service"] = parsed.GetValue(service);
            return Report(fields, parsed, cancel);
        });
        return command;
    }

    internal static async Task<int> Report(IReadOnlyDictionary<string, string?> fields, ParseResult parsed, CancellationToken cancel)
    {
        JsonObject change = ChangeMessage.Of(fields, Pipeline.Of(Environment.GetEnvironmentVariable));
        using var sender = new ChangeSender(ReportOptions.EndpointOf(parsed), Environment.GetEnvironmentVariable(ReportOptions.TokenVariable) is { Length: > 0 } token ? token : null);
        var (id, remarks) = await sender.Send(change.ToJsonString(), ReportOptions.PatienceOf(parsed), cancel);
        foreach (string remark in remarks) await Console.Error.WriteLineAsync($"waybill: {remark}");
        if (parsed.IsJson())
        {
            JsonOutput.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("key", (string?)change["id"]);
                json.WriteEndObject();
            });
            return ExitCode.Done;
        }
        string named = (string?)change["service"] ?? (string?)change["subject"] ?? "";
        Screen.Open().WriteLine(Visible.Of($"Reported {(string?)change["kind"]} of {$"{named} {(string?)change["version"]}".TrimEnd()} as {id}."));
        return ExitCode.Done;
    }
}
