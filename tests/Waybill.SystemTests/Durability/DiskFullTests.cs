using System.Net;
using Waybill.Disks;
using Waybill.Ingest;
using Waybill.Processes;

namespace Waybill.Durability;

/// <summary>A disk that fills up: senders are told to wait, reads go on, and with room again so does everything else.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class DiskFullTests
{
    private const long DiskBytes = 512L * 1024 * 1024;

    [Fact]
    public async Task A_nearly_full_disk_is_answered_503_with_a_delay_while_reads_go_on_and_ingest_resumes_by_itself()
    {
        using var disk = LoopDisk.CreateOrSkip(DiskBytes);
        await using var server = await WaybillServer.Start(directory: disk.Path);
        byte[] trace = Requests.NewTraceId();
        await server.Post("/v1/traces", Requests.Traces(Requests.Span(trace, 1, 0, Requests.Now)).ToProtobuf());
        await server.Stored();

        string filler = Path.Combine(disk.Path, "filler");
        long free = new DriveInfo(disk.Path).AvailableFreeSpace;
        await using (var file = new FileStream(filler, FileMode.Create))
        {
            byte[] block = new byte[1024 * 1024];
            while (file.Length < free - DiskBytes / 50) await file.WriteAsync(block, TestContext.Current.CancellationToken);   // 2 % stay free
        }
        await WaybillServer.Until("the full disk is noticed", async () => await Post(server) is HttpStatusCode.ServiceUnavailable);
        using (var answer = await server.Trace(Convert.ToHexStringLower(trace))) Assert.NotNull(answer);

        File.Delete(filler);
        await WaybillServer.Until("ingest resumes", async () => await Post(server) is HttpStatusCode.OK);
        await server.Stored();
        Assert.True(server.IsRunning);
    }

    private static async Task<HttpStatusCode> Post(WaybillServer server)
    {
        byte[] body = Requests.Traces(Requests.Span(Requests.NewTraceId(), 1, 0, Requests.Now)).ToProtobuf();
        using var answer = await IngestServer.Send(server.At.Otlp, "/v1/traces", new ByteArrayContent(body), "application/x-protobuf");
        Assert.True(answer.StatusCode is HttpStatusCode.OK || answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null }, $"{(int)answer.StatusCode}");
        return answer.StatusCode;
    }
}
