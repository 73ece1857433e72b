using System.Security.Cryptography;
using System.Text;

namespace Shop;

/// <summary>A change that someone makes to the Shop, as a pipeline would announce it.</summary>
/// <param name="Kind">deployment, rollback, schema_migration, config, scheduled_job or credential_rotation.</param>
/// <param name="Before">What was configured before, as JSON; null when it is not a matter of configuration.</param>
/// <param name="Subject">What of the service: a job, a table; null when it is the service.</param>
public sealed record Announcement(string Kind, string Service, string Summary, string? Version = null, string? PreviousVersion = null,
    string? Before = null, string? After = null, string? Subject = null)
{
    /// <summary>The same change back.</summary>
    public Announcement Undone(string summary) =>
        this with { Kind = Kind == "deployment" ? "rollback" : Kind, Summary = summary, Version = PreviousVersion, PreviousVersion = Version, Before = After, After = Before };

    /// <summary>A stable stand-in for the commit a version was built from: 40 hex digits.</summary>
    public static string CommitOf(string service, string version) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{service}/{version}")))[..40];

    /// <summary>Posts the change as JSON to <c>SHOP_CHANGES_URL</c>. Without that setting nothing is sent; a refusal costs one line, never the change.</summary>
    /// <param name="id">Names the change: what is said of its end completes what was said of its begin.</param>
    /// <param name="outcome">running, success or failure.</param>
    /// <param name="zone">The availability zone it concerns, or null for all.</param>
    public async Task Announce(Guid id, string outcome, string? zone, TimeProvider clock, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable("SHOP_CHANGES_URL") is not { Length: > 0 } url) return;
        DateTimeOffset? now = clock.GetUtcNow();
        var change = new
        {
            id,
            kind = Kind,
            service = Service,
            subject = Subject,
            @namespace = "shop",
            environment = "demo",
            zone,
            summary = Summary,
            version = Version,
            previousVersion = PreviousVersion,
            commit = Version is null ? null : CommitOf(Service, Version),
            previousCommit = PreviousVersion is null ? null : CommitOf(Service, PreviousVersion),
            repository = "https://git.shop.example/shop",
            author = "release-bot",
            started = outcome == "running" ? now : null,
            finished = outcome == "running" ? null : now,
            outcome,
            before = Before,
            after = After,
        };
        try
        {
            using HttpResponseMessage answer = await Role.Http.PostAsJsonAsync(url, change, cancel);
            if (!answer.IsSuccessStatusCode) await Console.Error.WriteLineAsync($"Change not announced: {url} answered {(int)answer.StatusCode}.");
        }
        catch (HttpRequestException error)
        {
            await Console.Error.WriteLineAsync($"Change not announced: {error.Message}");
        }
    }
}
