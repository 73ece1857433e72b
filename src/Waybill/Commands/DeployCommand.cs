using System.CommandLine;
using Waybill.Options;

namespace Waybill.Commands;

/// <summary><c>waybill deploy</c>: a pipeline says what it deploys.</summary>
internal static class DeployCommand
{
    public static Command Create()
    {
        var service = new Argument<string>("SERVICE") { Description = "The service.name of what is deployed." };
        var version = new Argument<string>("VERSION") { Description = "The service.version that it will have." };
        var rollback = new Option<bool>("--rollback") { Description = "It goes back to an earlier version." };
        var command = new Command("deploy", "Report a deployment, from any pipeline. Commit, author and run are taken from GitHub Actions, GitLab CI and Jenkins.") { service, version, rollback };
        ReportOptions.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var fields = ReportOptions.Fields(parsed);
            fields["kind"] = parsed.GetValue(rollback) ? "rollback" : "deployment";
            fields["service"] = parsed.GetRequiredValue(service);
            fields["version"] = parsed.GetRequiredValue(version);
            fields["summary"] ??= $"{(parsed.GetValue(rollback) ? "Roll back to" : "Deploy")} {fields["version"]}";
            return ChangeCommand.Report(fields, parsed, cancel);
        });
        return command;
    }
}
