using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;

namespace Waybill.Views;

/// <summary>Saved views, of several people and tenants.</summary>
public sealed class ViewsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_sees_ones_own_views_and_those_that_are_shared_in_the_tenant()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string ada = server.AddToken(Grant.Of("viewer", "acme")), bob = server.AddToken(Grant.Of("viewer", "acme")), other = server.AddToken(Grant.Of("viewer", "other"));
        await Save(server, ada, "Only mine", "/search?q=%7B%7D");
        await Save(server, ada, "For all", "/map?only=orders", shared: true);

        Assert.Equal(["For all", "Only mine"], await Names(server, ada));
        Assert.Equal(["For all"], await Names(server, bob));
        Assert.Empty(await Names(server, other));
    }

    [Fact]
    public async Task Saving_again_under_a_name_replaces_and_another_s_view_of_that_name_stays()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string ada = server.AddToken(Grant.Of("viewer", "acme")), bob = server.AddToken(Grant.Of("viewer", "acme"));
        await Save(server, ada, "Failures", "/search?q=one", shared: true);
        await Save(server, bob, "Failures", "/search?q=two", shared: true);
        await Save(server, ada, "Failures", "/search?q=three", shared: true);
        Assert.Equal(["/search?q=three", "/search?q=two"], (await Views(server, ada)).Select(view => view.GetProperty("address").GetString()).Order());
    }

    [Fact]
    public async Task Another_s_view_is_deleted_only_by_who_manages_access()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string ada = server.AddToken(Grant.Of("viewer", "acme")), bob = server.AddToken(Grant.Of("viewer", "acme")), admin = server.AddToken(Grant.Of("admin", "acme"));
        string shared = await Save(server, ada, "For all", "/", shared: true), own = await Save(server, ada, "Only mine", "/");

        Assert.Equal(HttpStatusCode.Forbidden, await Delete(server, bob, shared));
        Assert.Equal(HttpStatusCode.NotFound, await Delete(server, bob, own));
        Assert.Equal(HttpStatusCode.NoContent, await Delete(server, admin, shared));
        Assert.Equal(HttpStatusCode.NoContent, await Delete(server, ada, own));
        Assert.Empty(await Views(server, ada));
    }

    [Fact]
    public async Task Views_are_in_the_file_that_the_next_start_reads_without_what_must_not_be_kept()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string ada = server.AddToken(Grant.Of("viewer", "acme"));
        await Save(server, ada, "Orders of ada.lovelace@example.com", $"/search?q={Uri.EscapeDataString("{ .email = \"ada.lovelace@example.com\" }")}&since=3h");

        var file = server.Server.Services.GetRequiredService<ViewsFile>();
        string written = Uri.UnescapeDataString(await File.ReadAllTextAsync(file.Path, Cancel));
        Assert.DoesNotContain("ada.lovelace", written, StringComparison.Ordinal);
        View view = Assert.Single(new ViewsFile(Path.GetDirectoryName(file.Path)!).Read());
        Assert.StartsWith("/search?q=%7B%20.email", view.Address, StringComparison.Ordinal);
        Assert.EndsWith("&since=3h", view.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_named_and_never_overwritten()
    {
        string directory = Directory.CreateTempSubdirectory("wb-views-").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "views.json"), "{ not json", Cancel);
        var file = new ViewsFile(directory);
        Assert.Contains("views.json", Assert.Throws<IOException>(() => file.Change(views => views)).Message, StringComparison.Ordinal);
        Assert.Equal("{ not json", await File.ReadAllTextAsync(file.Path, Cancel));
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<string> Save(GuardedServer server, string token, string name, string address, bool shared = false)
    {
        using HttpResponseMessage answer = await server.Ask(HttpMethod.Post, "/api/views", token, body: JsonContent.Create(new { name, address, shared }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
    }

    private static async Task<HttpStatusCode> Delete(GuardedServer server, string token, string id)
    {
        using HttpResponseMessage answer = await server.Ask(HttpMethod.Delete, $"/api/views/{id}", token);
        return answer.StatusCode;
    }

    private static async Task<IEnumerable<JsonElement>> Views(GuardedServer server, string token)
    {
        using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/views", token);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("views").EnumerateArray();
    }

    private static async Task<string[]> Names(GuardedServer server, string token) => [.. (await Views(server, token)).Select(view => view.GetProperty("name").GetString()!)];
}
