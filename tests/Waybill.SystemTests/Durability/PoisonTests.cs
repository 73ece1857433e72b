using System.Net;
using System.Text;
using Waybill.Ingest;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Durability;

/// <summary>One item that nobody can store must not cost the others of its request, and must be named.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class PoisonTests
{
    [Fact]
    public async Task One_bad_item_of_many_is_refused_with_its_reason_and_the_others_are_stored()
    {
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        var spans = Enumerable.Range(1, 9_999).Select(i => Requests.Span(trace, (ulong)i, 0, Requests.Now)).Append(Requests.Span(new byte[16], 1, 0, Requests.Now));
        Assert.Contains("Rejected 1 of 10000", await Post(server, "traces", Requests.Traces(spans)), StringComparison.Ordinal);

        var valueless = new Message().Add(1, "name", Wire.Text, "empty").Add(5, "gauge", Wire.Message, new Message().AddAll(1, "dataPoints", [new Message().Add(3, "timeUnixNano", Wire.Fixed64, Requests.Now)]));
        Assert.Contains("as_int or as_double", await Post(server, "metrics", Requests.Metrics(Requests.Gauge("good", 1), valueless)), StringComparison.Ordinal);

        await server.Stored();
        Assert.Equal(9_999, await server.Number("SELECT count() FROM spans"));
        Assert.Equal(1, await server.Number("SELECT count() FROM metric_points"));
        var rejected = (await server.Status()).GetProperty("rejected").EnumerateArray().Select(item => (item.GetProperty("signal").GetString(), item.GetProperty("reason").GetString(), item.GetProperty("items").GetInt32()));
        Assert.Equal([("traces", "trace_id", 1), ("metrics", "value", 1)], rejected);
    }

    /// <returns>The answer's remark: partial_success.error_message.</returns>
    private static async Task<string> Post(WaybillServer server, string signal, Message request)
    {
        using var answer = await IngestServer.Send(server.At.Otlp, $"/v1/{signal}", new ByteArrayContent(request.ToProtobuf()), "application/x-protobuf");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
