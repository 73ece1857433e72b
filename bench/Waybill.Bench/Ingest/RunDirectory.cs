using System.Text.Json;
using Waybill.Payloads;
using Waybill.Posting;

namespace Waybill.Ingest;

/// <summary>What a run leaves behind, so that another command can ask for what was sent.</summary>
internal sealed record RunDirectory(string Path)
{
    public string Data => System.IO.Path.Combine(Path, "data");

    public string ServerLog => System.IO.Path.Combine(Path, "server.log");

    public string PlanFile => PlanFileOf("ingest");

    public bool IsLoaded => File.Exists(PlanFile) && File.Exists(PostFile("ingest"));

    public string PlanFileOf(string poster) => System.IO.Path.Combine(Path, poster + ".plan.json");

    /// <summary>The attempts of one poster.</summary>
    public string PostFile(string poster) => System.IO.Path.Combine(Path, poster + ".posts");

    /// <param name="path">Null for a new directory under the system's temporary one.</param>
    public static RunDirectory Open(string? path)
    {
        path ??= Directory.CreateTempSubdirectory("waybill-bench-").FullName;
        Directory.CreateDirectory(path);
        return new(System.IO.Path.GetFullPath(path));
    }

    public void Save(PayloadPlan plan, string poster = "ingest") => File.WriteAllText(PlanFileOf(poster), JsonSerializer.Serialize(plan));

    public PayloadPlan Plan() => JsonSerializer.Deserialize<PayloadPlan>(File.ReadAllText(PlanFile))!;

    /// <summary>Requests of <c>ingest</c> that were acknowledged.</summary>
    public int[] Acknowledged() => [.. SendLog.Load(PostFile("ingest")).Where(attempt => attempt.Acknowledged).Select(attempt => attempt.Request).Distinct().Order()];
}
