using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;

namespace Waybill.Ingest;

/// <summary>What one request of 500 spans costs between its last byte and its answer, without the network and the disk.</summary>
[Collection(nameof(AloneOnTheMachine))]
public sealed class CostTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_request_allocates_little_and_nothing_per_span()
    {
        await using var server = await IngestServer.Start();
        var receiver = server.Services.GetRequiredService<Receiver>();
        byte[] body = Body(500);
        int firstId = body.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x0a, 16, 1, 0, 0, 0]) + 2;
        // A request may end on another thread than it began on, so all threads are counted; what runs beside is left out by taking the least of several runs.
        double bytes = double.MaxValue, micros = 0;
        const int Runs = 4;
        var local = new Identity(new Credential(IdentityKind.Local, "local", [Grant.Of(Role.Admin.Name, Grant.AllTenants)]), "default", Role.Admin.Permissions, DataScope.All, true);
        foreach (int rounds in Enumerable.Repeat(300, Runs))
        {
            long allocated = GC.GetTotalAllocatedBytes(precise: true), began = Stopwatch.GetTimestamp();
            for (int i = 0; i < rounds; i++)
            {
                // Each request is another one: the id of its first span is counted up.
                BitConverter.TryWriteBytes(body.AsSpan(firstId), (ulong)i + 1 + (ulong)rounds * (ulong)began);
                var http = new DefaultHttpContext();
                http.Connection.RemoteIpAddress = IPAddress.Loopback;
                http.Features.Set(local);
                http.Request.ContentLength = body.Length;
                http.Features.Set<Microsoft.AspNetCore.Http.Features.IRequestBodyPipeFeature>(new Whole(body));
                var reply = await receiver.Receive(http, Signal.Traces, Protocol.OtlpHttpProtobuf, ContentEncoding.Identity, CancellationToken.None);
                Assert.Null(reply.Refusal);
            }
            micros = Stopwatch.GetElapsedTime(began).TotalMicroseconds / rounds;
            bytes = Math.Min(bytes, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)rounds);
        }
        Assert.Equal(Runs * 300 * 500, server.Counters.Items(Signal.Traces, Protocol.OtlpHttpProtobuf));
        output.WriteLine($"500 spans, {body.Length:N0} bytes: {micros:F0} us, of which decoding is {DecodingMicros(body):F0} us; {bytes:F0} bytes allocated per request, the test's own HttpContext and pipe included");
        Assert.True(bytes < 6_000, $"{bytes} bytes a request: something is allocated per span.");
    }

    private static double DecodingMicros(byte[] body)
    {
        using var reception = new Reception(Signal.Traces);
        long began = Stopwatch.GetTimestamp();
        const int Rounds = 300;
        for (int i = 0; i < Rounds; i++)
        {
            reception.Clear();
            reception.Text.Append(body);
            Assert.True(Decoders.Decode(reception, Protocol.OtlpHttpProtobuf, new()).Ok);
        }
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / Rounds;
    }

    private sealed class Whole(byte[] body) : Microsoft.AspNetCore.Http.Features.IRequestBodyPipeFeature
    {
        public PipeReader Reader { get; } = PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(body));
    }

    // resource_spans { resource { service.name = "a" } scope_spans { span * count } }; a span has four attributes.
    private static byte[] Body(int count)
    {
        byte[] attributes = [.. Enumerable.Range(0, 4).SelectMany(i => (byte[])[0x4a, 35, 0x0a, 15, .. "http.attribute."u8, 0x12, 16, 0x0a, 14, .. "a value, say 1"u8])];
        byte[] times = [0x39, .. BitConverter.GetBytes(1_700_000_000_000_000_000UL), 0x41, .. BitConverter.GetBytes(1_700_000_000_000_100_000UL)];
        var spans = new MemoryStream();
        for (ulong i = 1; i <= (ulong)count; i++)
        {
            byte[] span = [0x0a, 16, .. BitConverter.GetBytes(i), .. BitConverter.GetBytes(7UL), 0x12, 8, .. BitConverter.GetBytes(i), 0x2a, 9, .. "GET /cart"u8, .. times, .. attributes];
            spans.Write([0x12, .. Varint(span.Length), .. span]);
        }
        byte[] name = [0x0a, 17, 0x0a, 12, .. "service.name"u8, 0x12, 3, 0x0a, 1, (byte)'a'];
        name[1] = (byte)(name.Length - 2);
        byte[] inner = [0x0a, (byte)name.Length, .. name, 0x12, .. Varint((int)spans.Length), .. spans.ToArray()];
        byte[] body = [0x0a, .. Varint(inner.Length), .. inner];
        return body;
    }

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
