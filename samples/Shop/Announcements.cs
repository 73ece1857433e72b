using System.Security.Cryptography;
using System.Text;

namespace Shop;

/// <summary>A change that someone makes to the Shop, as a pipeline would announce it.</summary>
/// <param name="Kind">deployment, schema_migration, config or credential_rotation.</param>
public sealed record Announcement(string Kind, string Service, string Summary, string? Version = null, string? PreviousVersion = null)
{
    /// <summary>A stable stand-in for the commit a version was built from: 40 hex digits.</summary>
    public static string CommitOf(string service, string version) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{service}/{version}")))[..40];

    /// <summary>Posts the change as JSON to <c>SHOP_CHANGES_URL</c>. Without that setting nothing is sent; a refusal costs one line, never the change.</summary>
    /// <param name="zone">The availability zone it concerns, or null for all.</param>
    public async Task Announce(string? zone, TimeProvider clock, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable("SHOP_CHANGES_URL") is not { Length: > 0 } url) return;
        var change = new
        {
            id = Guid.NewGuid(),
            time = clock.GetUtcNow(),
            kind = Kind,
            service = Service,
            @namespace = "shop",
            environment = "demo",
            zone,
            summary = Summary,
            version = Version,
            previousVersion = PreviousVersion,
            commit = Version is null ? null : CommitOf(Service, Version),
            repository = "https://git.shop.example/shop",
            actor = "release-bot",
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
