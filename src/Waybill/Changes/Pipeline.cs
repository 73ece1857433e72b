namespace Waybill.Changes;

/// <summary>What the environment of a build server says about the run that this command is part of. Null where it says nothing.</summary>
/// <param name="Run">Names the run and its attempt among all of its server; null outside of one.</param>
internal sealed record Pipeline(string? Name, string? Run, string? Url, string? Commit, string? PreviousCommit, string? Repository, string? Author, string? Environment, string? TraceId)
{
    /// <param name="variable">Reads an environment variable; null when it is not set.</param>
    public static Pipeline Of(Func<string, string?> variable)
    {
        string? traceId = Get("TRACEPARENT")?.Split('-') is [_, { Length: 32 } id, ..] ? id : null;
        if (Get("GITHUB_ACTIONS") is not null)
        {
            string repository = $"{Get("GITHUB_SERVER_URL") ?? "https://github.com"}/{Get("GITHUB_REPOSITORY")}";
            return new(Get("GITHUB_WORKFLOW"), $"{Get("GITHUB_RUN_ID")}/{Get("GITHUB_RUN_ATTEMPT")}", $"{repository}/actions/runs/{Get("GITHUB_RUN_ID")}", Get("GITHUB_SHA"), null, repository,
                Get("GITHUB_TRIGGERING_ACTOR") ?? Get("GITHUB_ACTOR"), null, traceId);
        }
        if (Get("GITLAB_CI") is not null)
        {
            string? before = Get("CI_COMMIT_BEFORE_SHA");
            return new(Get("CI_PIPELINE_NAME") ?? Get("CI_JOB_NAME"), Get("CI_PIPELINE_ID"), Get("CI_JOB_URL") ?? Get("CI_PIPELINE_URL"), Get("CI_COMMIT_SHA"), before?.Trim('0').Length > 0 ? before : null,
                Get("CI_PROJECT_URL"), Get("GITLAB_USER_LOGIN"), Get("CI_ENVIRONMENT_NAME"), traceId);
        }
        if (Get("JENKINS_URL") is not null)
            return new(Get("JOB_NAME"), Get("BUILD_TAG"), Get("BUILD_URL"), Get("GIT_COMMIT"), Get("GIT_PREVIOUS_SUCCESSFUL_COMMIT"), Get("GIT_URL"), Get("BUILD_USER_ID"), null, traceId);
        return new(null, null, null, null, null, null, null, null, traceId);

        string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }
}
