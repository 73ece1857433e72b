using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Waybill.Changes;

/// <summary>What one source says about one change, once. Reports with the same <see cref="Id"/> are one change. Texts are empty where nothing was said.</summary>
public sealed record ChangeReport
{
    public required UInt128 Id { get; init; }

    /// <summary>The source's own name for the change, from which <see cref="Id"/> is made.</summary>
    public required string Key { get; init; }

    /// <summary>One of <see cref="ChangeKind.All"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>api, cli, cdevents, github, gitlab, argocd or inferred.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own word for it, as <c>dev.cdevents.service.deployed.0.3.0</c>.</summary>
    public string Type { get; init; } = "";

    public string Summary { get; init; } = "";
    public string Service { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Instance { get; init; } = "";
    public string Zone { get; init; } = "";

    /// <summary>What was changed when it is not (only) a service: a flag, a job, a table, an artifact.</summary>
    public string Subject { get; init; } = "";

    public string Environment { get; init; } = "";
    public string Version { get; init; } = "";
    public string PreviousVersion { get; init; } = "";
    public string Commit { get; init; } = "";
    public string PreviousCommit { get; init; } = "";
    public string Repository { get; init; } = "";

    /// <summary>Package URL of what was deployed.</summary>
    public string Artifact { get; init; } = "";

    public string Pipeline { get; init; } = "";
    public string PipelineRun { get; init; } = "";
    public string PipelineUrl { get; init; } = "";
    public string Author { get; init; } = "";

    /// <summary>Empty, running, success, failure or cancelled.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>What it was before, as JSON or text.</summary>
    public string Before { get; init; } = "";

    public string After { get; init; } = "";

    /// <summary>JSON: [{"title":"","url":""}], or empty.</summary>
    public string Links { get; init; } = "";

    /// <summary>JSON: [""], what it was inferred from; empty when it was reported.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Hexadecimal id of the trace of the pipeline that made it.</summary>
    public string TraceId { get; init; } = "";

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>When the source says that it was so.</summary>
    public required long ReportedUnixNano { get; init; }

    /// <summary>0 when not said.</summary>
    public long StartedUnixNano { get; init; }

    /// <summary>0 when not said, or not yet.</summary>
    public long FinishedUnixNano { get; init; }

    /// <summary>The identity of a change: the first 128 bits of the SHA-256 of its source's name for it.</summary>
    public static UInt128 IdOf(string key) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <summary>What can be changed.</summary>
public static class ChangeKind
{
    public const string Deployment = "deployment", Rollback = "rollback", Config = "config", FeatureFlag = "feature_flag", SchemaMigration = "schema_migration",
        CredentialRotation = "credential_rotation", LoadBalancer = "load_balancer", ScheduledJob = "scheduled_job", Failover = "failover",
        Infrastructure = "infrastructure", Custom = "custom";

    public static readonly IReadOnlyList<string> All =
        [Deployment, Rollback, Config, FeatureFlag, SchemaMigration, CredentialRotation, LoadBalancer, ScheduledJob, Failover, Infrastructure, Custom];
}

/// <summary>How a change ended, as far as is known.</summary>
public static class ChangeOutcome
{
    public const string Running = "running", Success = "success", Failure = "failure", Cancelled = "cancelled";

    public static readonly IReadOnlyList<string> All = [Running, Success, Failure, Cancelled];
}
