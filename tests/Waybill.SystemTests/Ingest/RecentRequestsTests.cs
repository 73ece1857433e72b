using System.Net;
using System.Text;

namespace Waybill.Ingest;

public sealed class RecentRequestsTests
{
    private readonly SteppedClock _clock = new();

    private RecentRequests Create(int max = 1_000) => new(new IngestOptions { RecentRequestsMax = max }, _clock);

    [Fact]
    public void A_request_is_remembered_for_ten_minutes()
    {
        var recent = Create();
        Assert.Equal(Recollection.New, recent.Begin(1, out _));
        recent.End(1, stored: true);
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(Recollection.Stored, recent.Begin(1, out _));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Recollection.New, recent.Begin(1, out _));
    }

    [Fact]
    public async Task Who_comes_while_it_is_stored_waits_and_shares_the_outcome()
    {
        var recent = Create();
        recent.Begin(1, out _);
        Assert.Equal(Recollection.InFlight, recent.Begin(1, out var first));
        Assert.False(first!.IsCompleted);
        recent.End(1, stored: true);
        Assert.True(await first);
    }

    [Fact]
    public async Task Who_waited_for_a_failure_tries_itself()
    {
        var recent = Create();
        recent.Begin(1, out _);
        recent.Begin(1, out var first);
        recent.End(1, stored: false);
        Assert.False(await first!);
        Assert.Equal(Recollection.New, recent.Begin(1, out _));
    }

    [Fact]
    public void The_oldest_are_forgotten_beyond_the_bound()
    {
        var recent = Create(max: 1_000);
        for (uint i = 0; i < 1_500; i++)
        {
            recent.Begin(i, out _);
            recent.End(i, stored: true);
        }
        Assert.Equal(1_000, recent.Count);
        Assert.Equal(Recollection.New, recent.Begin(499, out _));
        Assert.Equal(Recollection.Stored, recent.Begin(500, out _));
    }

    [Fact]
    public void What_was_stored_before_the_start_is_known()
    {
        var recent = Create();
        long now = _clock.UnixNano();
        recent.Seed([(1, now - 700_000_000_000), (2, now - 1)]);
        Assert.Equal(Recollection.New, recent.Begin(1, out _));
        Assert.Equal(Recollection.Stored, recent.Begin(2, out _));
    }

    [Fact]
    public async Task A_request_sent_again_is_acknowledged_and_counted_once()
    {
        await using var server = await IngestServer.Start();
        for (int i = 0; i < 3; i++)
            using (var plain = await server.Post("/v1/traces", IngestServer.OneSpan)) Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        // The same body, compressed or by gRPC, is the same request.
        using (var gzip = await server.Post("/v1/traces", IngestServer.Compress(IngestServer.OneSpan, "gzip"), encoding: "gzip")) Assert.Equal(HttpStatusCode.OK, gzip.StatusCode);
        Assert.Equal("0", (await server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan))).Status);
        Assert.Equal(4, server.Counters.DuplicateRequests);
        Assert.Equal(1, server.Counters.Requests(Signal.Traces, Protocol.OtlpHttpProtobuf));

        // Another signal or another body is another request.
        using (await server.Post("/v1/logs", IngestServer.OneSpan)) { }
        using (await server.Post("/v1/traces", Encoding.UTF8.GetBytes(IngestServer.OneSpanJson), "application/json")) { }
        Assert.Equal(4, server.Counters.DuplicateRequests);
    }

    [Fact]
    public async Task Empty_requests_are_not_retries_of_each_other()
    {
        await using var server = await IngestServer.Start();
        for (int i = 0; i < 2; i++) using (await server.Post("/v1/traces", [])) { }
        Assert.Equal(0, server.Counters.DuplicateRequests);
        Assert.Equal(2, server.Counters.Requests(Signal.Traces, Protocol.OtlpHttpProtobuf));
    }
}
