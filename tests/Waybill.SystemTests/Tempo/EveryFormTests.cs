using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Waybill.Durability;
using Waybill.Otlp;
using Waybill.Processes;
using Waybill.RoundTrips;

namespace Waybill.Tempo;

/// <summary>Spans with every field of OTLP, random values at the edges of their types, come back as they were sent by each form in which Tempo and Jaeger answer OTLP.</summary>
public sealed class EveryFormTests(ITestOutputHelper output)
{
    private const int Requests = 25;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_field_of_a_span_comes_back_in_every_form()
    {
        int seed = Switches.Seed(output);
        await using var server = await WaybillServer.Start();
        List<string> sent = [];
        for (int i = 0; i < Requests; i++)
        {
            Message traces = Whole.Traces(new Samples(seed + i).Traces());
            await server.Post("/v1/traces", traces.ToProtobuf());
            sent.AddRange(SentItems.Spans(JsonNode.Parse(traces.ToJson(new Random(0)))!.ToElement()));
        }
        await server.Stored();
        string[] ids = [.. (await server.Rows("SELECT DISTINCT lower(hex(trace_id)) AS id FROM (SELECT trace_id FROM spans UNION ALL SELECT trace_id FROM spans_quarantine)")).Select(row => row.GetProperty("id").GetString()!)];
        output.WriteLine($"{sent.Count} spans of {ids.Length} traces");

        List<string> protobuf1 = [], json1 = [], protobuf2 = [], json2 = [], jaeger = [];
        foreach (string id in ids)
        {
            protobuf1.AddRange(Spans(OtlpReader.ReadTrace(await Get(server, $"/tempo/api/traces/{id}", "application/protobuf"))));
            JsonNode batches = OtlpReader.OfProtobufJson(JsonNode.Parse(await Get(server, $"/tempo/api/traces/{id}", "application/json"))!);
            json1.AddRange(Spans(new JsonObject { ["resourceSpans"] = batches["batches"]!.DeepClone() }));
            protobuf2.AddRange(Spans(OtlpReader.ReadById(await Get(server, $"/tempo/api/v2/traces/{id}", "application/protobuf"))["trace"]!));
            json2.AddRange(Spans(OtlpReader.OfProtobufJson(JsonNode.Parse(await Get(server, $"/tempo/api/v2/traces/{id}", "*/*"))!["trace"]!)));
            jaeger.AddRange(Spans(JsonNode.Parse(await Get(server, $"/jaeger/api/v3/traces/{id}", "application/json"))!["result"]!));
        }
        foreach (List<string> answered in (List<string>[])[protobuf1, json1, protobuf2, json2, jaeger]) EveryFieldTests.Same(sent, [.. answered]);
    }

    private static string[] Spans(JsonNode tracesData) => SentItems.Spans(tracesData.ToElement());

    private static async Task<byte[]> Get(WaybillServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var answer = await server.At.Api.SendAsync(request, Cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(body));
        Assert.Equal(accept == "application/protobuf" ? "application/protobuf" : "application/json", answer.Content.Headers.ContentType!.MediaType);
        return body;
    }
}
