using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Waybill.Web;

/// <summary>What the Connect page asks for.</summary>
public sealed class ConnectTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_trace_comes_through_the_front_door_and_can_be_read()
    {
        HttpClient api = server.Server.At.Api;
        using HttpResponseMessage sent = await api.PostAsync("/api/connect/test-trace", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        string id = (await sent.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("traceId").GetString()!;
        for (int i = 0; ; i++)
        {
            using HttpResponseMessage trace = await api.GetAsync($"/api/traces/{id}", Cancel);
            if (trace.StatusCode == HttpStatusCode.OK)
            {
                JsonElement json = await trace.Content.ReadFromJsonAsync<JsonElement>(Cancel);
                Assert.Equal(5, json.GetProperty("spanCount").GetInt32());
                return;
            }
            Assert.True(i < 300, "Not readable within 30 s.");
            await Task.Delay(100, Cancel);
        }
    }

    [Fact]
    public async Task The_ports_are_those_that_are_listened_on()
    {
        JsonElement doors = await server.Server.At.Api.GetFromJsonAsync<JsonElement>("/api/connect", Cancel);
        Assert.Equal((server.Server.At.GrpcUri.Port, server.Server.At.OtlpUri.Port), (doors.GetProperty("otlpGrpcPort").GetInt32(), doors.GetProperty("otlpHttpPort").GetInt32()));
    }
}
